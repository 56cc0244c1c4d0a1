import { memoryWorkflowStarter } from "../lib/adapters/memory/workflow-starter.ts";
import { zstd } from "../lib/adapters/zstd.ts";
import type { Claims } from "../lib/core/claims/claims.ts";
import type { DeviceStore } from "../lib/core/device/device-store.ts";
import { claimedErasures } from "../lib/core/device/erasure-mark.ts";
import { type TrackedRecord, trackRecords } from "../lib/core/device/track-records.ts";
import { type ErasureStep, eraseDevice } from "../lib/core/erasure/erase-device.ts";
import type { ErasureInput } from "../lib/core/erasure/request-erasure.ts";
import type { QuarantineStore } from "../lib/core/quarantine/quarantine.ts";
import { admitReplay } from "../lib/core/replay/active-replays.ts";
import type { ReplayStore } from "../lib/core/replay/replay-store.ts";
import type { ShareStore } from "../lib/core/share/share.ts";
import { requestAverageSpeed } from "../lib/core/task/request-average-speed.ts";
import type { TaskStore } from "../lib/core/task/task.ts";
import { DEFAULT_TENANT } from "../lib/core/tenant/tenant-id.ts";
import type { TrackStore } from "../lib/core/track/track-store.ts";
import { replayOf } from "./replay-simulation.ts";

export interface ErasureStores {
  readonly devices: DeviceStore;
  readonly tracks: TrackStore;
  readonly quarantine: QuarantineStore;
  readonly replays: ReplayStore;
  readonly tasks: TaskStore;
  readonly shares: ShareStore;
  readonly claims: Claims;
}

export const FIRST_MS = Date.parse("2026-11-20T12:00:00Z");
const LIMITS = { inAll: 100, perKey: 100 };

/** A clock, a stream and all data about a few devices. */
export const erasureWorld = (stores: ErasureStores) => {
  const clock = { nowMs: FIRST_MS };
  const now = () => clock.nowMs;
  const workflows = memoryWorkflowStarter();
  let ids = 0;
  const ports = { ...stores, workflows, limits: LIMITS, now, newId: () => `task-${++ids}` };
  let sequence = 0;

  const record = (deviceId: string, text: string): TrackedRecord => ({
    recordId: `shard-0:${++sequence}`,
    stream: "positions",
    sequenceNumber: `${sequence}`,
    partitionKey: deviceId,
    arrivedAtMs: now(),
    data: new TextEncoder().encode(text),
  });
  const track = (records: readonly TrackedRecord[]) =>
    trackRecords(
      {
        ...stores,
        streams: { createdAtMs: async () => 0 },
        erasures: claimedErasures(stores.claims, now),
        compression: zstd,
      },
      records,
    );
  const positions = (deviceId: string, count: number, fromMs = now() - count * 1000) =>
    record(
      deviceId,
      JSON.stringify(
        Array.from({ length: count }, (_, index) => ({
          timestamp: fromMs + index * 1000,
          // Irregular, so that few fit into a tail.
          latitude: ((index * 7_919) % 90_001) / 1_000,
          longitude: ((index * 104_729) % 180_001) / 1_000,
        })),
      ),
    );

  /** Every kind of past data: sealed and late segments, quarantine, tasks, replays that have ended. */
  const live = async (deviceId: string): Promise<void> => {
    await track([positions(deviceId, 300), record(deviceId, "no JSON")]);
    await track([
      positions(deviceId, 3, FIRST_MS - 7_200_000),
      record(deviceId, `{"timestamp": ${deviceId}`),
    ]);
    await stores.shares.create({
      shareId: `share-${++ids}`,
      tenant: DEFAULT_TENANT,
      thing: { kind: "device", deviceId },
      hidden: [],
      createdAtMs: now(),
      expiresAtSeconds: 4_000_000_000,
      hash: "00",
    });
    await requestAverageSpeed(ports, { deviceId, windowSeconds: 10 });
    const made = replayOf([0, 10_000]);
    const replay = { ...made, replayId: `replay-${++ids}`, sources: [{ ...made.sources[0], deviceId }] };
    await admitReplay(ports, replay, LIMITS);
    const saved = await stores.replays.save(replay);
    await stores.replays.save({ ...saved, status: "finished" });
  };

  /** The workflow, which retries a step that fails. */
  const run = async (input: ErasureInput, step = eraseDevice, stepPorts = ports): Promise<void> => {
    let next: ErasureStep = { ...input, status: "more" };
    for (let failures = 0; next.status !== "done"; ) {
      if (next.status === "wait") clock.nowMs += 90_000;
      const { status: _, ...again } = next;
      try {
        next = await step(stepPorts, again);
      } catch (error) {
        if (++failures > 200) throw error;
      }
      clock.nowMs += 1_000;
    }
  };
  return { ports, clock, record, positions, track, live, run, workflows };
};
