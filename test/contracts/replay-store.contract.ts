import { describe, expect, it } from "vitest";
import { VersionConflictError } from "../../lib/core/errors.ts";
import type { Replay } from "../../lib/core/replay/replay.ts";
import type { ReplayStore } from "../../lib/core/replay/replay-store.ts";
import type { OfTenant } from "../../lib/core/tenant/of-tenant.ts";
import { DEFAULT_TENANT } from "../../lib/core/tenant/tenant-id.ts";
import { expectBadCursorsRefused, expectPagingWorks } from "./paging.ts";
import { keepsTenantsApart } from "./tenants.ts";

const sources = [
  { recordingId: "r1", deviceId: "demo", copies: 2, firstTimestampMs: 1_000, lastTimestampMs: 9_000 },
  { recordingId: "r2", deviceId: "van", copies: 1, firstTimestampMs: 5, lastTimestampMs: 5 },
];

const clock = { anchorOffsetMs: 1_234.567, anchorWallMs: 1_795_176_000_000, rate: 0.01, paused: false };

const replay = (replayId: string, overrides: Partial<Replay> = {}): Replay => ({
  replayId,
  version: 0,
  status: "playing",
  run: 1,
  starting: false,
  sources,
  options: { loop: true, timestamps: "now" },
  timeline: { startMs: 0, endMs: 8_000, durationMs: 9_000, periodMs: 8_500.5 },
  clock,
  nextOffsetMs: 2_345.678,
  plan: { sequence: 12, fromOffsetMs: 1_234.5, untilOffsetMs: 2_345.678, clock },
  lastTimestampsMs: [1_795_176_000_000, 0],
  positionsPublished: 17,
  playerSeenMs: 1_795_176_000_000,
  createdAtMs: 1_795_176_000_000,
  updatedAtMs: 1_795_176_000_001,
  ...overrides,
});

/** What every ReplayStore does. `make` returns an empty one. */
export const replayStoreContract = (
  name: string,
  makeAll: (options?: {
    readonly keptDays: number;
    readonly now: () => number;
  }) => Promise<OfTenant<ReplayStore>>,
): void => {
  const make = async (options?: { readonly keptDays: number; readonly now: () => number }) =>
    (await makeAll(options))(DEFAULT_TENANT);
  describe(`${name} keeps the contract of ReplayStore`, () => {
    keepsTenantsApart(makeAll, {
      write: (store, mark) => store.save(replay("p1", { positionsPublished: mark })),
      change: (store, mark) => store.save(replay("p1", { positionsPublished: mark, version: 1 })),
      remove: (store) => store.remove("p1"),
      read: async (store) => [
        await store.get("p1"),
        await store.list({ limit: 10 }),
        await store.list({ limit: 10, devicePrefix: "" }),
      ],
    });

    it("finds nothing that was never saved", async () => {
      const store = await make();
      expect(await store.get("nothing")).toBeUndefined();
      expect(await store.list({ limit: 10 })).toEqual({ items: [] });
    });

    it("returns what it wrote, one version later, and reads the same", async () => {
      const store = await make();
      const saved = await store.save(replay("p1"));
      expect(saved).toEqual(replay("p1", { version: 1 }));
      expect(await store.get("p1")).toEqual(saved);
      const failed = await store.save({ ...saved, status: "failed", reason: "no such recording" });
      expect(failed).toEqual(replay("p1", { version: 2, status: "failed", reason: "no such recording" }));
      expect(await store.get("p1")).toEqual(failed);
    });

    it("leaves out what is undefined", async () => {
      const store = await make();
      await store.save(replay("p1", { reason: undefined }));
      expect(await store.get("p1")).toEqual(replay("p1", { version: 1 }));
    });

    it("saves over the version that was read, and over no other", async () => {
      const store = await make();
      await expect(store.save(replay("p1", { version: 1 }))).rejects.toBeInstanceOf(VersionConflictError);
      await store.save(replay("p1"));
      await store.save(replay("p1", { version: 1, status: "paused" }));
      for (const version of [0, 1, 3]) {
        await expect(store.save(replay("p1", { version }))).rejects.toBeInstanceOf(VersionConflictError);
      }
      expect(await store.get("p1")).toEqual(replay("p1", { version: 2, status: "paused" }));
    });

    it("lets one of two concurrent writers win", async () => {
      const store = await make();
      const read = await store.save(replay("p1"));
      const outcomes = await Promise.allSettled([
        store.save({ ...read, status: "paused" }),
        store.save({ ...read, status: "finished" }),
      ]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      const winner = outcomes.find((outcome) => outcome.status === "fulfilled");
      expect(await store.get("p1")).toEqual(winner?.value);
      const loser = outcomes.find((outcome) => outcome.status === "rejected");
      expect(loser?.reason).toBeInstanceOf(VersionConflictError);
    });

    it("never restores a removed replay through a save of an earlier read", async () => {
      const store = await make();
      const read = await store.save(replay("p1"));
      await store.remove("p1");
      await store.remove("p1");
      await expect(store.save(read)).rejects.toBeInstanceOf(VersionConflictError);
      expect(await store.get("p1")).toBeUndefined();
    });

    it("lists every replay once, whatever the page size", async () => {
      const store = await make();
      const ids = Array.from({ length: 8 }, (_, index) => `p-${index * 31}`);
      for (const id of ids) await store.save(replay(id));
      await expectPagingWorks(store.list, ({ replayId }) => replayId, ids);
      await expectBadCursorsRefused(store.list);
    });

    it("lists exactly the replays whose devices all begin with a prefix", async () => {
      const store = await make();
      const play = (replayId: string, ...devices: (readonly [string, number])[]) =>
        store.save(
          replay(replayId, {
            sources: devices.map(([deviceId, copies]) => ({ ...sources[0], deviceId, copies })),
          }),
        );
      await play("p1", ["van-1", 1], ["van-22", 1]);
      await play("p2", ["van", 1]);
      await play("p3", ["van", 3]);
      await play("p4", ["van-1", 1], ["truck", 1]);
      await play("p5", ["van-3", 2]);
      await play("p6", ["van", 1], ["van-1", 1]);
      await play("p7", ["van-1", 1], ["vanilla", 1]);
      const list: typeof store.list = (request) => store.list({ ...request, devicePrefix: "van-" });
      await expectPagingWorks(list, ({ replayId }) => replayId, ["p1", "p3", "p5"]);
      // A prefix ends at a separator, also where two devices have no more than it in common.
      const ofVan: typeof store.list = (request) => store.list({ ...request, devicePrefix: "van" });
      await expectPagingWorks(ofVan, ({ replayId }) => replayId, ["p1", "p2", "p3", "p5", "p6"]);
    });

    it("finding 16: drops a replay that has not played for its retention, and none that plays", async () => {
      let nowMs = 1_795_176_000_000;
      const store = await make({ keptDays: 2, now: () => nowMs });
      const saved = await store.save(replay("p1"));
      const paused = await store.save({ ...saved, status: "paused", updatedAtMs: nowMs });
      await store.save(replay("p2"));
      nowMs += 2 * 86_400_000 - 1;
      expect(await store.get("p1")).toEqual(paused);
      nowMs += 1;
      expect(await store.get("p1")).toBeUndefined();
      expect((await store.list({ limit: 10 })).items.map(({ replayId }) => replayId)).toEqual(["p2"]);
      nowMs += 1e12;
      expect((await store.get("p2"))?.status).toBe("playing");
    });

    it("shares nothing with its callers", async () => {
      const store = await make();
      const given = { ...sources[0] };
      const saved = await store.save(replay("p1", { sources: [given] }));
      given.deviceId = "intruder";
      Object.assign(saved.sources[0], { deviceId: "another" });
      expect((await store.get("p1"))?.sources).toEqual([sources[0]]);
    });
  });
};
