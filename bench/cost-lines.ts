import acceptPositions from "../functions/ingest/accept-positions/definition.ts";
import trackDevices from "../functions/ingest/track-devices/definition.ts";
import type { AcceptRun } from "./cost-accept.ts";
import { batchesPerSecond, devicesPerBatch, type Scenario } from "./cost-scenarios.ts";
import type { TrackRun } from "./cost-track.ts";
import { GIGABYTE, HOURS_PER_MONTH, PRICES } from "./prices.ts";

/** What no run on one machine can measure. */
export const ASSUMED = {
  /** From a function's call to a service until the answer. */
  streamMilliseconds: 10,
  tableMilliseconds: 5,
  /** Devices that are saved at the same time. */
  devicesAtOnce: 24,
  /**
   * Lambda gives a whole core at this memory, and in proportion below, so that computing costs the same at
   * any memory.
   */
  megabytesPerCore: 1769,
  /** A response's line, headers that the service adds, and its part of TLS. */
  envelopeBytes: 350,
} as const;

/** The counts for a million positions. */
export interface Counts {
  readonly requests: number;
  readonly acceptGigabyteSeconds: number;
  readonly streamUnits: number;
  readonly batches: number;
  readonly trackGigabyteSeconds: number;
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly logBytes: number;
  readonly responseBytes: number;
  readonly storedBytes: number;
  /** How many hours a running stage takes to receive a million positions. */
  readonly hours: number;
}

/** Dollars for a million positions, by line of the bill. */
export interface Lines {
  readonly gateway: number;
  readonly accept: number;
  readonly stream: number;
  readonly track: number;
  readonly tables: number;
  readonly logs: number;
  readonly out: number;
  readonly storage: number;
  readonly fixed: number;
}

export const countsOf = (scenario: Scenario, accept: AcceptRun, track: TrackRun): Counts => {
  const { positions, requests, seconds } = accept;
  const isHttp = scenario.ingest !== "stream";
  const scale = 1e6 / positions;
  // The two can come from different runs: the cost of tracking depends on what is on the stream, not on how
  // it got there.
  const trackScale = 1e6 / track.positions;
  const hours = 1e6 / scenario.positionsPerSecond / 3_600;
  const batches = batchesPerSecond(scenario) * hours * 3_600;
  const acceptWaitSeconds = (requests * scale * ASSUMED.streamMilliseconds) / 1_000;
  // One request to load the states, then parallel saves.
  const rounds = 1 + Math.ceil(devicesPerBatch(scenario) / ASSUMED.devicesAtOnce);
  const trackWaitSeconds = (batches * rounds * ASSUMED.tableMilliseconds) / 1_000;
  return {
    requests: isHttp ? requests * scale : 0,
    acceptGigabyteSeconds: isHttp
      ? gigabyteSeconds(acceptPositions, accept.cpuSeconds * scale, acceptWaitSeconds, requests * scale)
      : 0,
    streamUnits: seconds.flatMap(({ records }) => records.map(unitsOf)).reduce((a, b) => a + b, 0) * scale,
    batches,
    trackGigabyteSeconds: gigabyteSeconds(
      trackDevices,
      track.cpuSeconds * trackScale,
      trackWaitSeconds,
      batches,
    ),
    writeUnits: track.consumption.writeUnits * trackScale,
    readUnits: track.consumption.readUnits * trackScale + (isHttp ? accept.keyReads.readUnits * scale : 0),
    logBytes: track.log.bytes * trackScale + (isHttp ? accept.log.bytes * scale : 0),
    responseBytes: isHttp ? (accept.responseBytes + requests * ASSUMED.envelopeBytes) * scale : 0,
    storedBytes: track.storedBytes * trackScale,
    hours,
  };
};

const gigabyteSeconds = (
  { memoryMegabytes }: { readonly memoryMegabytes: number },
  cpuSeconds: number,
  waitSeconds: number,
  invocations: number,
): number => {
  // Each is rounded up to the millisecond: half of one on average.
  const waited = waitSeconds + invocations * 0.0005;
  return (cpuSeconds * ASSUMED.megabytesPerCore + waited * memoryMegabytes) / 1024;
};

const unitsOf = ({
  partitionKey,
  data,
}: {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}): number => Math.ceil((data.length + Buffer.byteLength(partitionKey)) / PRICES.kinesis.unitBytes);

/** `fixedDollars`: per month, under any load. */
export const linesOf = (scenario: Scenario, counts: Counts, fixedDollars: number): Lines => {
  const { lambda, kinesis, dynamodb } = PRICES;
  const invocations = (count: number) => millions(count) * lambda.dollarsPerMillionRequests;
  return {
    gateway:
      scenario.ingest === "gateway"
        ? millions(counts.requests) * PRICES.gateway.dollarsPerMillionRequests
        : 0,
    accept: invocations(counts.requests) + counts.acceptGigabyteSeconds * lambda.dollarsPerGigabyteSecond,
    stream:
      counts.hours * scenario.shards * kinesis.dollarsPerShardHour +
      millions(counts.streamUnits) * kinesis.dollarsPerMillionUnits,
    track: invocations(counts.batches) + counts.trackGigabyteSeconds * lambda.dollarsPerGigabyteSecond,
    tables:
      millions(counts.writeUnits) * dynamodb.dollarsPerMillionWriteUnits +
      millions(counts.readUnits) * dynamodb.dollarsPerMillionReadUnits,
    logs: logDollars(counts.logBytes),
    out: (counts.responseBytes / GIGABYTE) * PRICES.transfer.dollarsPerGigabyteOut,
    storage:
      (counts.storedBytes / GIGABYTE) *
      (dynamodb.dollarsPerGigabyteMonth + dynamodb.recoveryDollarsPerGigabyteMonth),
    fixed: (counts.hours / HOURS_PER_MONTH) * fixedDollars,
  };
};

export const totalOf = (lines: Lines): number => Object.values(lines).reduce((sum, line) => sum + line, 0);

/** Ingested, and kept for the month that the stack keeps them. */
export const logDollars = (bytes: number): number => {
  const { dollarsPerGigabyteIn, dollarsPerGigabyteMonth } = PRICES.cloudwatch.logs;
  return (bytes / GIGABYTE) * (dollarsPerGigabyteIn + dollarsPerGigabyteMonth);
};

const millions = (count: number): number => count / 1e6;
