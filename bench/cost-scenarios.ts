import trackDevices from "../functions/ingest/track-devices/definition.ts";

/** How positions arrive, and how many at once. */
export interface Scenario {
  readonly name: string;
  /** `stream`: the producer puts its records there itself, at its own cost. */
  readonly ingest: "gateway" | "own address" | "stream";
  readonly positionsPerReport: number;
  /** Devices whose reports share one request, by `POST /positions`. */
  readonly together?: true;
  /** `stateWindowSeconds`. */
  readonly windowSeconds: number;
  readonly positionsPerSecond: number;
  /** `streamShards`: enough for the records, with room to spare. */
  readonly shards: number;
}

export const DEVICES = 1_000;
/** Devices whose reports of a second share one request. */
export const DEVICES_TOGETHER = 60;
/** The window in the cheap rows. */
const WINDOW_SECONDS = 10;

const at1Hz = (ingest: Scenario["ingest"], positionsPerReport: number, windowSeconds = 0): Scenario => ({
  name: `${nameOf(ingest, windowSeconds)}, ${positionsPerReport}`,
  ingest,
  positionsPerReport,
  windowSeconds,
  positionsPerSecond: DEVICES,
  // A shard takes 1,000 records a second; full is too full.
  shards: positionsPerReport === 1 ? 2 : 1,
});

const byTheMinute = (ingest: Scenario["ingest"], windowSeconds = 0): Scenario => ({
  ...at1Hz(ingest, 1, windowSeconds),
  name: `${nameOf(ingest, windowSeconds)}, by the minute`,
  positionsPerSecond: DEVICES / 60,
  shards: 1,
});

const nameOf = (ingest: Scenario["ingest"], windowSeconds: number): string => {
  const way = { gateway: "HTTP API", "own address": "function URL", stream: "PutRecord" }[ingest];
  return windowSeconds > 0 ? `${way}, window ${windowSeconds} s` : way;
};

const together = (ingest: Scenario["ingest"], windowSeconds = 0): Scenario => ({
  ...at1Hz(ingest, 1, windowSeconds),
  name: `${nameOf(ingest, windowSeconds)}, ${DEVICES_TOGETHER} devices' together`,
  together: true,
});

const SIZES = [1, 10, 60];

export const SCENARIOS: readonly Scenario[] = [
  ...SIZES.map((size) => at1Hz("gateway", size)),
  at1Hz("gateway", 1, WINDOW_SECONDS),
  ...SIZES.map((size) => at1Hz("own address", size)),
  ...SIZES.map((size) => at1Hz("own address", size, WINDOW_SECONDS)),
  // Two reports of each device: the window has to be longer than the time between them.
  at1Hz("own address", 10, 2 * WINDOW_SECONDS),
  ...SIZES.map((size) => at1Hz("stream", size)),
  together("gateway"),
  together("gateway", WINDOW_SECONDS),
  together("own address", WINDOW_SECONDS),
  byTheMinute("gateway"),
  byTheMinute("own address"),
  byTheMinute("stream"),
];

/**
 * Batches that reach the consumer in a second: one for each lane, because Lambda polls a shard once a second,
 * unless a window gathers them.
 */
export const batchesPerSecond = ({
  windowSeconds,
  positionsPerSecond,
  positionsPerReport,
  shards,
}: Scenario): number => {
  const lanes = shards * (trackDevices.stream?.parallelizationFactor ?? 1);
  return Math.min(lanes / Math.max(1, windowSeconds), positionsPerSecond / positionsPerReport);
};

/** Devices in one batch. */
export const devicesPerBatch = (scenario: Scenario): number => {
  const recordsPerSecond = scenario.positionsPerSecond / scenario.positionsPerReport;
  const lanes = scenario.shards * (trackDevices.stream?.parallelizationFactor ?? 1);
  return Math.min(DEVICES / lanes, recordsPerSecond / batchesPerSecond(scenario));
};
