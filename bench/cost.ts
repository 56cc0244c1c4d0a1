import { type AcceptRun, runAccept } from "./cost-accept.ts";
import { runBaseline } from "./cost-baseline.ts";
import { fixedDollars, fixedThings, idleTable, sum } from "./cost-fixed.ts";
import { leversTable } from "./cost-levers.ts";
import { ASSUMED, type Counts, countsOf, type Lines, linesOf, totalOf } from "./cost-lines.ts";
import { DEVICES, DEVICES_TOGETHER, SCENARIOS, type Scenario } from "./cost-scenarios.ts";
import { type LocalServers, startLocalServers } from "./cost-servers.ts";
import { runTrack, type TrackRun } from "./cost-track.ts";
import { fleetPositions, reportsBySecond, sampleDrive } from "./cost-workload.ts";
import { PRICES } from "./prices.ts";
import type { BenchTable } from "./report.ts";

export interface CostOptions {
  /**
   * Reports of each device in a run, and its maximum of positions: many times what fills a tail, so the open
   * one counts little.
   */
  readonly reports?: number;
  readonly positionsPerDevice?: number;
}

/**
 * Fewer than a stage has. A device's cost does not depend on the number of others; the parts that do are
 * computed.
 */
const MEASURED_DEVICES = 30;
/** The baseline does the same for each position, so a few are enough. */
const BASELINE_POSITIONS_PER_DEVICE = 20;

/**
 * What a million positions cost on each road, everything counted. It runs the deployed functions on their
 * adapters. Units are what the servers charge, log bytes what was really written, fixed items what is in the
 * template.
 */
export const costBench = async ({
  reports = 300,
  positionsPerDevice = 1_800,
}: CostOptions = {}): Promise<BenchTable> => {
  prepareEnvironment();
  const stages = {
    dev: fixedThings({ streamShards: "1" }),
    prod: fixedThings({ stage: "prod", streamShards: "1" }),
  };
  const fixed = sum(fixedDollars(stages.dev));
  const servers = await startLocalServers();
  try {
    const runs = new Runs(servers, reports, positionsPerDevice);
    const found: Found[] = [];
    for (const scenario of SCENARIOS) {
      const accept = await runs.accept(scenario);
      const counts = countsOf(scenario, accept, await runs.track(scenario));
      found.push({ scenario, counts, lines: linesOf(scenario, counts, fixed) });
    }
    const [first] = found;
    const drive = await sampleDrive();
    const fleet = fleetPositions(drive, MEASURED_DEVICES, BASELINE_POSITIONS_PER_DEVICE, startMs());
    const baseline = await servers.use((clients) => runBaseline(clients, fleet));
    const { writeUnits } = baseline.consumption;
    const itemsDollars = (writeUnits / baseline.positions) * PRICES.dynamodb.dollarsPerMillionWriteUnits;
    const records = (await runs.accept(first.scenario)).seconds.flatMap((second) => second.records);
    const { recordIncrementBytes } = PRICES.kinesis.onDemand;
    const perRecord = records.reduce((bytes, { partitionKey, data }) => {
      const held = data.length + Buffer.byteLength(partitionKey);
      return bytes + Math.ceil(held / recordIncrementBytes) * recordIncrementBytes;
    }, 0);
    const recordBytes = (perRecord / records.length) * first.counts.streamUnits;
    return {
      ...dollarsTable(found, { ...first.lines, tables: itemsDollars }),
      further: [
        countsTable(found),
        await leversTable(first.scenario, first.counts, recordBytes),
        idleTable(stages),
      ],
    };
  } finally {
    await servers.stop();
  }
};

interface Found {
  readonly scenario: Scenario;
  readonly counts: Counts;
  readonly lines: Lines;
}

/** The environment that functions find on AWS, so that their logs and metrics appear. */
const prepareEnvironment = (): void => {
  delete process.env.POWERTOOLS_DEV;
  Object.assign(process.env, {
    POWERTOOLS_LOG_LEVEL: "INFO",
    POWERTOOLS_METRICS_DISABLED: "false",
    AWS_REGION: PRICES.region,
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
  });
};

const startMs = (): number => Math.floor(Date.now() / 1_000) * 1_000 - 86_400_000;

/** Each run happens once, however many scenarios share it. */
class Runs {
  readonly #servers: LocalServers;
  readonly #reports: number;
  readonly #positionsPerDevice: number;
  readonly #accepts = new Map<string, Promise<AcceptRun>>();
  readonly #tracks = new Map<string, Promise<TrackRun>>();

  constructor(servers: LocalServers, reports: number, positionsPerDevice: number) {
    this.#servers = servers;
    this.#reports = reports;
    this.#positionsPerDevice = positionsPerDevice;
  }

  accept({ positionsPerReport, together }: Scenario): Promise<AcceptRun> {
    const name = `${positionsPerReport}${together ? "-together" : ""}`;
    return once(this.#accepts, name, async () => {
      const drive = await sampleDrive();
      const devices = together ? DEVICES_TOGETHER : MEASURED_DEVICES;
      const positions = Math.min(positionsPerReport * this.#reports, this.#positionsPerDevice);
      const fleet = fleetPositions(drive, devices, positions, startMs());
      const seconds = reportsBySecond(fleet, positionsPerReport);
      return this.#servers.use((clients) => runAccept(clients, seconds, { name, together }));
    });
  }

  /** A window shorter than the time between a device's reports gathers one of them, like no window. */
  async track(scenario: Scenario): Promise<TrackRun> {
    const { positionsPerReport, windowSeconds } = scenario;
    const gathers = windowSeconds > positionsPerReport ? windowSeconds : 1;
    const accept = await this.accept({ ...scenario, together: undefined });
    const name = `${positionsPerReport}-${gathers}`;
    return once(this.#tracks, name, () =>
      this.#servers.use((clients) => runTrack(clients, accept, { name, windowSeconds: gathers })),
    );
  }
}

const once = <Result>(
  made: Map<string, Promise<Result>>,
  name: string,
  make: () => Promise<Result>,
): Promise<Result> => {
  const known = made.get(name) ?? make();
  made.set(name, known);
  return known;
};

const COLUMNS: readonly (keyof Lines)[] = [
  "gateway",
  "accept",
  "stream",
  "track",
  "tables",
  "logs",
  "out",
  "storage",
  "fixed",
];

const dollarsTable = (found: readonly Found[], baseline: Lines): BenchTable => ({
  name: "All in: dollars per million positions",
  columns: ["road, positions a report", ...COLUMNS.map((column) => `$ ${column}`), "$ total"],
  rows: [
    ...found.map(({ scenario, lines }) => [scenario.name, ...centsOf(lines)]),
    ["HTTP API, 1, and an item for each position", ...centsOf(baseline)],
  ],
  notes: [
    `${DEVICES} devices at 1 Hz, or a position a minute. List prices of ${PRICES.asOf}, ${PRICES.region}, first tier, nothing free: bench/prices.ts.`,
    "accept and track: the two functions' requests and time. tables: write and read units. out: answers to devices. storage: of the first month. fixed: alarms, dashboard, metrics, key.",
    `Assumed: ${ASSUMED.streamMilliseconds} ms for PutRecords and ${ASSUMED.tableMilliseconds} ms for a table; this machine's cores as fast as Lambda's; one poll of a shard a second; ${ASSUMED.envelopeBytes} bytes around an answer.`,
    "PutRecord leaves out the producer's own machines. Not included: queries, imports, replays, cold starts.",
    `Amazon Location's tracker: $${PRICES.locationTracker.dollarsPerMillionPositions} per million positions.`,
  ],
});

const centsOf = (lines: Lines): number[] =>
  [...COLUMNS.map((column) => lines[column]), totalOf(lines)].map(tenThousandths);

const countsTable = (found: readonly Found[]): BenchTable => ({
  name: "What was counted, per million positions",
  columns: [
    "road, positions a report",
    "requests",
    "accept GB-s",
    "stream units",
    "batches",
    "track GB-s",
    "write units",
    "read units",
    "log KB",
    "answers MB",
    "stored MB",
    "hours",
  ],
  rows: found.map(({ scenario, counts }) => [
    scenario.name,
    Math.round(counts.requests),
    Math.round(counts.acceptGigabyteSeconds),
    Math.round(counts.streamUnits),
    Math.round(counts.batches),
    Math.round(counts.trackGigabyteSeconds),
    Math.round(counts.writeUnits),
    Math.round(counts.readUnits),
    Math.round(counts.logBytes / 1024),
    Math.round(counts.responseBytes / 2 ** 20),
    Math.round((counts.storedBytes / 2 ** 20) * 10) / 10,
    Math.round(counts.hours * 1000) / 1000,
  ]),
  notes: [
    "Requests, units, bytes and processor time come from running the functions; batches and hours follow from the load and the settings.",
  ],
});

const tenThousandths = (dollars: number): number => Math.round(dollars * 1e4) / 1e4;
