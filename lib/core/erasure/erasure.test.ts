import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ErasureStores, erasureWorld } from "../../../test/erasure-world.ts";
import { memoryClaims } from "../../adapters/memory/claims.ts";
import { memoryDeviceStore } from "../../adapters/memory/device-store.ts";
import { memoryQuarantineStore } from "../../adapters/memory/quarantine-store.ts";
import { memoryReplayStore } from "../../adapters/memory/replay-store.ts";
import { memoryShares } from "../../adapters/memory/share-store.ts";
import { memoryTaskStore } from "../../adapters/memory/task-store.ts";
import { memoryTrackStore } from "../../adapters/memory/track-store.ts";
import { DEFAULT_TENANT } from "../tenant/tenant-id.ts";
import { deviceTrack } from "../track/track-store.ts";
import { eraseDevice } from "./erase-device.ts";
import { requestErasure } from "./request-erasure.ts";

const stores = (): ErasureStores => ({
  devices: memoryDeviceStore(),
  tracks: memoryTrackStore(),
  quarantine: memoryQuarantineStore(),
  replays: memoryReplayStore(),
  tasks: memoryTaskStore(),
  shares: memoryShares().shares(DEFAULT_TENANT),
  claims: memoryClaims(),
});

const ALWAYS = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

/** How much there is of a device, of each kind. */
const remains = async (
  { devices, tracks, quarantine, replays, tasks, shares }: ErasureStores,
  id: string,
  nowMs: number,
) => {
  let segments = 0;
  for await (const _ of tracks.segments(deviceTrack(id), ALWAYS)) segments++;
  const found = (await replays.list({ limit: 100 })).items;
  return {
    states: (await devices.load([id])).size,
    listed: (await devices.list({ limit: 100, idPrefix: id })).items.filter((one) => one.deviceId === id)
      .length,
    segments,
    quarantined: (await quarantine.list({ limit: 100, deviceId: id })).items.length,
    tasks: (await tasks.list("average-speed", { limit: 100, deviceId: id }, nowMs)).items.length,
    shares: (await shares.list({ limit: 100 }, nowMs)).items.filter(
      ({ thing }) => thing.kind === "device" && thing.deviceId === id,
    ).length,
    replays: found.filter(({ sources }) => sources.some(({ deviceId }) => deviceId === id)).length,
  };
};

const NOTHING = { states: 0, listed: 0, segments: 0, quarantined: 0, tasks: 0, shares: 0, replays: 0 };

describe("finding 16: erasing a device", () => {
  test("takes its whole past, and nothing of its neighbours", async () => {
    const all = stores();
    const { ports, clock, live, run } = erasureWorld(all);
    for (const deviceId of ["van-1", "van-10", "van"]) await live(deviceId);
    const before = await remains(all, "van-10", clock.nowMs);
    expect(before.segments).toBeGreaterThan(1);
    const { taskId } = await requestErasure(ports, "van-1");
    expect(await all.devices.load(["van-1"])).toEqual(new Map());
    await run({ taskId, pass: 1 });
    expect(await remains(all, "van-1", clock.nowMs)).toEqual(NOTHING);
    expect(await remains(all, "van-10", clock.nowMs)).toEqual(before);
    expect(await all.tasks.get(taskId, clock.nowMs)).toMatchObject({ kind: "erasure", status: "DONE" });
    expect(JSON.stringify(await all.claims.list("erasures", clock.nowMs))).toBe("[]");
  });

  test("is refused while a replay plays onto it", async () => {
    const all = stores();
    const { ports, live } = erasureWorld(all);
    await live("van-1");
    const [ended] = (await all.replays.list({ limit: 1 })).items;
    await all.replays.save({ ...ended, status: "paused" });
    await expect(requestErasure(ports, "van-1")).rejects.toMatchObject({ name: "ConflictError" });
    expect((await all.devices.load(["van-1"])).size).toBe(1);
  });

  test("drops what was on the stream before, whenever it comes, and begins a new device with what comes after", async () => {
    const all = stores();
    const { ports, clock, live, run, positions, track } = erasureWorld(all);
    await live("van-1");
    const onTheStream = positions("van-1", 5);
    const { taskId } = await requestErasure(ports, "van-1");
    await track([onTheStream]);
    await run({ taskId, pass: 1 });
    const late = { ...onTheStream, recordId: "shard-9:9", sequenceNumber: "999" };
    await track([late]);
    expect(await remains(all, "van-1", clock.nowMs)).toEqual(NOTHING);
    clock.nowMs += 1_000;
    await track([late, positions("van-1", 7)]);
    expect((await all.devices.load(["van-1"])).get("van-1")).toMatchObject({ positionCount: 7, version: 1 });
    // A step that is repeated late does not touch the new device.
    await eraseDevice(ports, { taskId, pass: 2 });
    expect((await all.devices.load(["van-1"])).size).toBe(1);
  });

  test("asked for again meanwhile is the same task; after it has failed another one goes on", async () => {
    const all = stores();
    const { ports, clock, live, run } = erasureWorld(all);
    await live("van-1");
    const first = await requestErasure(ports, "van-1");
    expect((await requestErasure(ports, "van-1")).taskId).toBe(first.taskId);
    await all.tasks.complete(first.taskId, { status: "FAILED", reason: "cut" });
    const second = await requestErasure(ports, "van-1");
    expect(second.taskId).not.toBe(first.taskId);
    await run({ taskId: second.taskId, pass: 1 });
    expect(await remains(all, "van-1", clock.nowMs)).toEqual(NOTHING);
    await expect(requestErasure(ports, "van-1")).rejects.toMatchObject({ name: "NotFoundError" });
  });

  test("ends with nothing left, wherever its steps break off and whatever a tracker still writes", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { maxLength: 60 }),
        fc.nat({ max: 30 }),
        async (faults, when) => {
          const all = stores();
          const { ports, clock, live, run, positions, track } = erasureWorld(all);
          await live("van-1");
          const loaded = await all.devices.load(["van-1"]);
          let calls = 0;
          const requestedMs = clock.nowMs;
          const guarded = <Store extends object>(store: Store): Store =>
            Object.fromEntries(
              Object.entries(store).map(([name, method]) => [
                name,
                typeof method !== "function" || name === "segments"
                  ? method
                  : async (...given: unknown[]) => {
                      const call = calls++;
                      // A tracker that had loaded the device before, and has a minute: it fails to save, and
                      // has written segments.
                      if (call === when && clock.nowMs - requestedMs < 60_000) await straggle();
                      if (faults[call * 2]) throw new Error("cut before");
                      const answer = await method(...given);
                      if (faults[call * 2 + 1]) throw new Error("cut after");
                      return answer;
                    },
              ]),
            ) as Store;
          const straggler = positions("van-1", 400, clock.nowMs);
          const straggle = async () => {
            const stale = { ...all.devices, load: async () => loaded };
            await trackWith(all, stale, straggler).catch(() => undefined);
          };
          const trackWith = async (
            to: ErasureStores,
            devices: ErasureStores["devices"],
            record: typeof straggler,
          ) => {
            const { track: trackStale } = erasureWorld({ ...to, devices });
            await trackStale([record]);
          };
          const { taskId } = await requestErasure(ports, "van-1");
          const broken = { ...ports, ...guardAll(all, guarded) };
          await run({ taskId, pass: 1 }, eraseDevice, broken);
          await track([straggler]);
          expect(await remains(all, "van-1", clock.nowMs)).toEqual(NOTHING);
          expect((await all.tasks.get(taskId, clock.nowMs))?.status).toBe("DONE");
        },
      ),
      { numRuns: 25 },
    );
  });
});

const guardAll = (
  all: ErasureStores,
  guard: <Store extends object>(store: Store) => Store,
): ErasureStores => ({
  devices: guard(all.devices),
  tracks: guard(all.tracks),
  quarantine: guard(all.quarantine),
  replays: guard(all.replays),
  tasks: guard(all.tasks),
  shares: guard(all.shares),
  claims: guard(all.claims),
});
