import { openJetStream } from "../lib/adapters/jetstream/connection.ts";
import { jetStreamPositionStream } from "../lib/adapters/jetstream/position-stream.ts";
import { openPositionsStream } from "../lib/adapters/jetstream/positions-stream.ts";
import type { OutgoingRecord, PositionStream } from "../lib/core/stream/position-stream.ts";
import { DEFAULT_TENANT } from "../lib/core/tenant/tenant-id.ts";
import { startNatsServer, WITHOUT_NATS } from "../test/nats-server.ts";
import { percentile, tenths } from "./percentile.ts";
import type { BenchTable } from "./report.ts";

export interface JetStreamPublishOptions {
  /** How long each row is measured. */
  readonly seconds?: number;
}

/** About what a position is as JSON, with most of its fields. */
const RECORD_BYTES = 250;
const FLEET = 500;
const CALLERS = 32;

const recordOf = (device: number): OutgoingRecord => ({
  deviceId: `device-${device}`,
  data: new Uint8Array(RECORD_BYTES).fill(device),
});

interface Way {
  readonly name: string;
  /** How many publish at a time, each the next when its last is confirmed. */
  readonly callers: number;
  /** Of one publish. */
  readonly records: number;
}

const WAYS: readonly Way[] = [
  { name: "one device, record by record", callers: 1, records: 1 },
  { name: `${CALLERS} requests at a time, a record each`, callers: CALLERS, records: 1 },
  { name: `${FLEET} devices in one publish`, callers: 1, records: FLEET },
];

const SYNC = [
  { sync: "every two minutes (default)", jetstream: "" },
  { sync: "always", jetstream: "sync_interval: always" },
] as const;

/** How many records a second nats-server confirms to one process, and what `sync_interval: always` costs. */
export const jetStreamPublishBench = async ({
  seconds = 5,
}: JetStreamPublishOptions = {}): Promise<BenchTable> => {
  const rows: (string | number)[][] = [];
  if (WITHOUT_NATS === undefined) {
    for (const { sync, jetstream } of SYNC) {
      const server = await startNatsServer({ jetstream });
      const connection = openJetStream(server.address());
      try {
        await openPositionsStream(connection);
        const stream = jetStreamPositionStream(connection)(DEFAULT_TENANT);
        for (const way of WAYS) rows.push([way.name, sync, ...(await measure(stream, way, seconds * 1_000))]);
      } finally {
        await connection.close();
        await server.close();
      }
    }
  }
  return {
    name: "Publishing to JetStream",
    columns: ["what", "synced to disk", "records/s", "p50 ms", "p99 ms"],
    rows,
    notes:
      WITHOUT_NATS === undefined
        ? [
            `${RECORD_BYTES}-byte records, 4 partitions, one publisher and nats-server on this machine; the times are those of a whole publish.`,
          ]
        : [`skipped: ${WITHOUT_NATS}`],
  };
};

const measure = async (
  stream: PositionStream,
  { callers, records }: Way,
  durationMs: number,
): Promise<[perSecond: number, p50: number, p99: number]> => {
  const timesMs: number[] = [];
  const startedMs = performance.now();
  const endsAtMs = startedMs + durationMs;
  const call = async (caller: number): Promise<void> => {
    const batch = Array.from({ length: records }, (_, index) => recordOf(caller * records + index));
    while (performance.now() < endsAtMs) {
      const beforeMs = performance.now();
      await stream.publish(batch);
      timesMs.push(performance.now() - beforeMs);
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => call(caller)));
  const elapsedSeconds = (performance.now() - startedMs) / 1_000;
  return [
    Math.round((timesMs.length * records) / elapsedSeconds),
    tenths(percentile(timesMs, 0.5)),
    tenths(percentile(timesMs, 0.99)),
  ];
};
