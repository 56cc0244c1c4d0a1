import { Worker } from "node:worker_threads";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { localClientSettings } from "../infra/local/clients.ts";
import { dynamoClient } from "../lib/adapters/dynamodb/client.ts";
import { type Run, runBaseline, runTracking } from "./cost-runs.ts";
import { fleetPositions, sampleDrive } from "./cost-workload.ts";
import { tenths } from "./percentile.ts";
import { PRICES } from "./prices.ts";
import type { BenchTable } from "./report.ts";

export interface CostOptions {
  /** Positions of one device in one batch. */
  readonly batchSizes?: readonly number[];
  /** Each has one record in a batch, so these are also the records per invocation. */
  readonly devices?: number;
  /** Batches per device, and positions at most: many times what fills a tail, so that the one still open counts little. */
  readonly batches?: number;
  readonly positionsPerDevice?: number;
}

/** Two round trips that an invocation waits for (the states, then their saves), 5 ms each. */
const ASSUMED_WAIT_SECONDS = 0.01;
/** Lambda gives a whole core at this memory, and in proportion below, so that computing costs the same at any memory. */
const GIGABYTES_PER_CORE = 1769 / 1024;
const ASSUMED_MEMORY_GIGABYTES = 0.5;
/** The baseline does the same for each position, so that few of them tell. */
const BASELINE_POSITIONS_PER_DEVICE = 50;

/**
 * What a million positions cost, from the requests that the tracking application and its DynamoDB adapters really make: write and read
 * units are those that the server charges. Beside it a design with one record and one item per position, run as well.
 */
export const costBench = async ({
  batchSizes = [1, 10, 60],
  devices = 40,
  batches = 300,
  positionsPerDevice = 1_800,
}: CostOptions = {}): Promise<BenchTable> => {
  const worker = new Worker(new URL("./dynamodb-worker.ts", import.meta.url));
  try {
    const endpoint = await new Promise<string>((resolve, reject) => {
      worker.once("message", resolve).once("error", reject);
    });
    const drive = await sampleDrive();
    const rows: (string | number)[][] = [];
    // The same for every batch size: it knows no batches of a device's positions.
    const baseline = await withClient(endpoint, (client) =>
      runBaseline(client, fleetPositions(drive, devices, BASELINE_POSITIONS_PER_DEVICE)),
    );
    const baselineDollars = dollarsPerMillion(baseline).total;
    for (const size of batchSizes) {
      const fleet = fleetPositions(drive, devices, Math.min(size * batches, positionsPerDevice));
      const run = await withClient(endpoint, (client) => runTracking(client, `batch-${size}-`, fleet, size));
      rows.push(rowOf(`${size} per batch`, run, baselineDollars));
    }
    rows.push(rowOf("one item each", baseline, baselineDollars));
    return {
      name: "Dollars per million positions",
      columns: [
        "positions of a device",
        "write units per million",
        "read units per million",
        "$ DynamoDB",
        "$ Kinesis",
        "$ Lambda",
        "$ total",
        "times cheaper",
      ],
      rows,
      notes: [
        `List prices of ${PRICES.asOf}, ${PRICES.region}. Measured: write and read units (charged by the local server), bytes on the stream, CPU time.`,
        `Assumed: ${devices} records per invocation, ${ASSUMED_WAIT_SECONDS * 1000} ms of waiting per invocation at ${ASSUMED_MEMORY_GIGABYTES} GB, this machine's cores as fast as Lambda's. Without the price of an idle stream, storage and queries.`,
        `Amazon Location's tracker: $${PRICES.locationTracker.dollarsPerMillionPositions} per million positions.`,
      ],
    };
  } finally {
    await worker.terminate();
  }
};

/** Runs something with a client of its own, so that what it consumes is counted by itself. */
const withClient = async (endpoint: string, run: (client: DynamoDBClient) => Promise<Run>): Promise<Run> => {
  const client = dynamoClient(localClientSettings(endpoint));
  try {
    return await run(client);
  } finally {
    client.destroy();
  }
};

interface Dollars {
  readonly dynamodb: number;
  readonly kinesis: number;
  readonly lambda: number;
  readonly total: number;
}

const dollarsPerMillion = (run: Run): Dollars => {
  const { positions, writeUnits, readUnits, streamBytes, invocations, cpuSeconds } = run;
  // Units, requests: priced by the million, and so are positions. What is not is scaled up.
  const scale = 1e6 / positions;
  const dynamodb =
    (writeUnits * PRICES.dynamodb.dollarsPerMillionWriteUnits +
      readUnits * PRICES.dynamodb.dollarsPerMillionReadUnits) /
    positions;
  const kinesis = ((streamBytes * scale) / 2 ** 30) * PRICES.kinesis.dollarsPerGigabyteIn;
  const gigabyteSeconds =
    cpuSeconds * GIGABYTES_PER_CORE + invocations * ASSUMED_WAIT_SECONDS * ASSUMED_MEMORY_GIGABYTES;
  const lambda =
    (invocations * PRICES.lambda.dollarsPerMillionRequests) / positions +
    gigabyteSeconds * scale * PRICES.lambda.dollarsPerGigabyteSecond;
  return { dynamodb, kinesis, lambda, total: dynamodb + kinesis + lambda };
};

const rowOf = (name: string, run: Run, baselineDollars: number): (string | number)[] => {
  const { dynamodb, kinesis, lambda, total } = dollarsPerMillion(run);
  return [
    name,
    Math.round((run.writeUnits / run.positions) * 1e6),
    Math.round((run.readUnits / run.positions) * 1e6),
    tenThousandths(dynamodb),
    tenThousandths(kinesis),
    tenThousandths(lambda),
    tenThousandths(total),
    tenths(baselineDollars / total),
  ];
};

const tenThousandths = (dollars: number): number => Math.round(dollars * 1e4) / 1e4;
