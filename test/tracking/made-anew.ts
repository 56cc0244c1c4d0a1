import fc from "fast-check";
import type { TrackingPorts } from "../../lib/core/device/track-records.ts";
import type { StreamIdentity } from "../../lib/core/stream/stream-identity.ts";
import { type Delivery, deliver, deliveries } from "./delivery.ts";
import { CREATED_MS, type WorldRecord, worlds } from "./world.ts";

/**
 * A world whose stream is deleted in the middle and created again under its name, with numbers that start at
 * 1 again.
 */
export interface Remade {
  readonly before: readonly WorldRecord[];
  readonly after: readonly WorldRecord[];
  readonly createdAnewMs: number;
  readonly plans: readonly [readonly Delivery[], readonly Delivery[]];
  /** Which requests for the creation time get a stale answer; they take turns. */
  readonly remembered: readonly boolean[];
}

const GAP_MS = 10_000;

export const remadeWorlds: fc.Arbitrary<Remade> = fc
  .record({
    world: worlds(80),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    plans: fc.tuple(deliveries, deliveries),
    remembered: fc.array(fc.boolean(), { minLength: 1, maxLength: 9 }),
  })
  .map(({ world, share, plans, remembered }) => {
    const cut = Math.floor(world.length * share);
    const before = world.slice(0, cut);
    const newestMs = Math.max(CREATED_MS, ...before.map(({ record }) => record.arrivedAtMs));
    const after = world.slice(cut).map(({ record, positions }, index): WorldRecord => {
      const sequenceNumber = String(1 + index);
      return {
        positions,
        record: {
          ...record,
          sequenceNumber,
          recordId: `shardId-000000000000:${sequenceNumber}`,
          arrivedAtMs: record.arrivedAtMs + GAP_MS,
          streamCreatedAtMs: newestMs + GAP_MS / 2,
        },
      };
    });
    return { before, after, createdAnewMs: newestMs + GAP_MS / 2, plans, remembered };
  });

/** Delivers all of the old stream, then all of the new one, to processes that may not know of the new one. */
export const deliverRemade = async (
  of: (ports: TrackingPorts) => TrackingPorts,
  ports: TrackingPorts,
  { before, after, createdAnewMs, plans, remembered }: Remade,
): Promise<void> => {
  let isRemade = false;
  let question = 0;
  const streams: StreamIdentity = {
    async createdAtMs(_, sinceMs) {
      const isOld = remembered[question++ % remembered.length];
      return isRemade && (sinceMs !== undefined || !isOld) ? createdAnewMs : CREATED_MS;
    },
  };
  const tracking = of({ ...ports, streams });
  // An event does not say which stream of that name it came from.
  const received = (world: readonly WorldRecord[]) =>
    world.map(({ record: { streamCreatedAtMs: _, ...record } }) => record);
  await deliver(tracking, received(before), plans[0]);
  isRemade = true;
  await deliver(tracking, received(after), plans[1]);
};
