import type { Context, KinesisStreamEvent } from "aws-lambda";
import { createHandler } from "../../../functions/ingest/track-devices/handler.ts";
import { type JetStreamConnection, openJetStream } from "../../../lib/adapters/jetstream/connection.ts";
import { openPositionsStream } from "../../../lib/adapters/jetstream/positions-stream.ts";
import { headersOf, subjectOf } from "../../../lib/adapters/jetstream/record.ts";
import { jetStreamIdentity } from "../../../lib/adapters/jetstream/stream-identity.ts";
import { memoryDeviceStore } from "../../../lib/adapters/memory/device-store.ts";
import { memoryQuarantineStore } from "../../../lib/adapters/memory/quarantine-store.ts";
import { memoryTrackStore } from "../../../lib/adapters/memory/track-store.ts";
import { zstd } from "../../../lib/adapters/zstd.ts";
import type { TrackingPorts } from "../../../lib/core/device/track-records.ts";
import { partitionOf } from "../../../lib/core/stream/partition.ts";
import { readTrack } from "../../../lib/core/track/read-track.ts";
import { deviceTrack } from "../../../lib/core/track/track-store.ts";
import type { NatsServer } from "../../nats-server.ts";

export const STREAM_ARN = "arn:aws:kinesis:us-east-1:000000000000:stream/positions";
const START_MS = Date.parse("2026-03-14T08:00:00Z");

export interface SentRecord {
  readonly deviceId: string;
  /** Counts the device's records from 0; a second apart. */
  readonly number: number;
}

/** Records of one position each, the devices in turn. */
export const recordsOf = (devices: number, rounds: number, firstRound = 0): SentRecord[] =>
  Array.from({ length: devices * rounds }, (_, index) => ({
    deviceId: `van.${index % devices}`,
    number: firstRound + Math.floor(index / devices),
  }));

export const dataOf = ({ number }: SentRecord): string =>
  JSON.stringify({
    timestamp: START_MS + number * 1_000,
    latitude: 45 + number * 0.000_1,
    longitude: 14.5,
    speedMetersPerSecond: 11,
  });

type Stores = Pick<TrackingPorts, "devices" | "tracks" | "quarantine">;

const inMemory = (): Stores => ({
  devices: memoryDeviceStore(),
  tracks: memoryTrackStore(),
  quarantine: memoryQuarantineStore(),
});

/** A stream with its partitions, and the real function, with stores in memory unless others are given. */
export const openTrackedLog = async (
  server: NatsServer,
  partitionCount: number,
  stores: Stores = inMemory(),
) => {
  const jetstream = openJetStream(server.address());
  await openPositionsStream(jetstream, { partitionCount });
  const ports = {
    ...stores,
    streams: jetStreamIdentity(jetstream, Date.now),
    compression: zstd,
  };
  const handler = createHandler(() => ports, undefined, { count: () => {} });
  return {
    jetstream,
    partitionCount,
    handle: (event: unknown) => handler(event as KinesisStreamEvent, {} as Context),
    /**
     * How many of these devices' positions are missing, doubled, or counted as late because order was lost.
     */
    async faults(devices: number, rounds: number) {
      const ids = recordsOf(devices, 1).map(({ deviceId }) => deviceId);
      const states = await ports.devices.load(ids);
      let [lost, doubled, late] = [0, 0, 0];
      for (const id of ids) {
        const state = states.get(id);
        const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: Number.MAX_SAFE_INTEGER };
        const { positions } = await readTrack(ports, deviceTrack(id), { ...range, tail: state?.tail });
        const distinct = new Set(positions.timestampsMs.subarray(0, positions.count)).size;
        lost += rounds - distinct;
        doubled += positions.count - distinct + Math.max(0, (state?.positionCount ?? 0) - distinct);
        late += state?.latePositionCount ?? 0;
      }
      return { lost, doubled, late };
    },
    async trackedCount(devices: number): Promise<number> {
      const states = await ports.devices.load(recordsOf(devices, 1).map(({ deviceId }) => deviceId));
      return [...states.values()].reduce((sum, { positionCount }) => sum + positionCount, 0);
    },
    close: () => jetstream.close(),
  };
};

/** As the publisher does it, but many at a time: for a server that nothing happens to. */
export const putAll = async (
  jetstream: JetStreamConnection,
  partitionCount: number,
  records: readonly SentRecord[],
): Promise<void> => {
  const { client } = await jetstream.connected();
  const AT_ONCE = 1_000;
  for (let from = 0; from < records.length; from += AT_ONCE) {
    await Promise.all(
      records.slice(from, from + AT_ONCE).map((record) => {
        const subject = subjectOf(jetstream.streamName, partitionOf(record.deviceId, partitionCount));
        const headers = headersOf(record.deviceId, `${record.deviceId} ${record.number}`);
        return client.publish(subject, dataOf(record), { headers });
      }),
    );
  }
};
