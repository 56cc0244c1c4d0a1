import { describe, expect, it } from "vitest";
import { NotFoundError } from "../../lib/core/errors.ts";
import type { PageRequest } from "../../lib/core/page.ts";
import type { ImportTask, Task, TaskOutcome, TaskStore } from "../../lib/core/task/task.ts";
import type { OfTenant } from "../../lib/core/tenant/of-tenant.ts";
import { DEFAULT_TENANT } from "../../lib/core/tenant/tenant-id.ts";
import { expectBadCursorsRefused, expectPagingWorks } from "./paging.ts";
import { keepsTenantsApart, ONE, OTHER } from "./tenants.ts";

const NOW_MS = 1_795_176_000_000;
const EXPIRES_AT_SECONDS = NOW_MS / 1000 + 3600;

const task = (taskId: string): Task => ({
  taskId,
  kind: "average-speed",
  status: "REQUESTED",
  deviceId: "van-7",
  windowSeconds: 10,
  requestedAtMs: NOW_MS,
  fromTimestampMs: NOW_MS - 1_500,
  expiresAtSeconds: EXPIRES_AT_SECONDS,
});

const importTask = (taskId: string): ImportTask => ({
  taskId,
  kind: "import",
  status: "REQUESTED",
  file: { bucket: "recordings", key: "drives/van 7.csv", version: "v1" },
  requestedAtMs: NOW_MS,
  expiresAtSeconds: EXPIRES_AT_SECONDS,
});

const done = (averageSpeedMetersPerSecond: number): TaskOutcome => ({
  status: "DONE",
  result: { averageSpeedMetersPerSecond, coverage: 0.98, positionCount: 10 },
});

/** What every TaskStore does. `make` returns an empty one. */
export const taskStoreContract = (name: string, makeAll: () => Promise<OfTenant<TaskStore>>): void => {
  const make = async () => (await makeAll())(DEFAULT_TENANT);
  describe(`${name} keeps the contract of TaskStore`, () => {
    keepsTenantsApart(makeAll, {
      write: (store, mark) => store.create({ ...task("t1"), requestedAtMs: NOW_MS + mark }),
      change: (store, mark) => store.complete("t1", done(mark)),
      remove: (store) => store.remove("t1"),
      read: async (store) => [
        await store.get("t1", NOW_MS),
        await store.list("average-speed", { limit: 10 }, NOW_MS),
        await store.list("average-speed", { limit: 10, deviceId: "van-7" }, NOW_MS),
      ],
    });

    it("completes no other tenant's task", async () => {
      const of = await makeAll();
      await of(ONE).create(task("t1"));
      await expect(of(OTHER).complete("t1", done(1))).rejects.toBeInstanceOf(NotFoundError);
      await of(OTHER).remove("t1");
      expect(await of(ONE).get("t1", NOW_MS)).toEqual(task("t1"));
    });

    it("finds nothing that was never created", async () => {
      const store = await make();
      expect(await store.get("nothing", NOW_MS)).toBeUndefined();
      await expect(store.complete("nothing", done(1))).rejects.toBeInstanceOf(NotFoundError);
      expect(await store.get("nothing", NOW_MS), "completing created nothing").toBeUndefined();
    });

    it("returns what was created", async () => {
      const store = await make();
      await store.create(task("t1"));
      expect(await store.get("t1", NOW_MS)).toEqual(task("t1"));
    });

    it("completes with a result, or fails with a reason", async () => {
      const store = await make();
      await store.create(task("t1"));
      await store.create(task("t2"));
      await store.complete("t1", done(13.37));
      await store.complete("t2", { status: "FAILED", reason: "the device is gone" });
      expect(await store.get("t1", NOW_MS)).toEqual({ ...task("t1"), ...done(13.37) });
      expect(await store.get("t2", NOW_MS)).toEqual({
        ...task("t2"),
        status: "FAILED",
        reason: "the device is gone",
      });
    });

    it("keeps the first outcome, whatever comes after", async () => {
      const store = await make();
      await store.create(task("t1"));
      await store.complete("t1", done(1));
      await store.complete("t1", done(2));
      await store.complete("t1", { status: "FAILED", reason: "too late" });
      expect(await store.get("t1", NOW_MS)).toEqual({ ...task("t1"), ...done(1) });
    });

    it("keeps one of several concurrent outcomes", async () => {
      const store = await make();
      await store.create(task("t1"));
      const speeds = [1, 2, 3, 4, 5, 6, 7, 8];
      await Promise.all(speeds.map((speed) => store.complete("t1", done(speed))));
      const found = await store.get("t1", NOW_MS);
      expect(found?.status).toBe("DONE");
      expect(speeds.map((speed) => done(speed))).toContainEqual({
        status: "DONE",
        result: found?.result,
      });
    });

    it("keeps an import's progress until it has its outcome", async () => {
      const store = await make();
      await store.create(importTask("i1"));
      await store.advance("i1", { step: "checking", bytesRead: 10, sizeBytes: 100 });
      const progress = { step: "storing", bytesRead: 50, sizeBytes: 100 } as const;
      await store.advance("i1", progress);
      expect(await store.get("i1", NOW_MS)).toEqual({ ...importTask("i1"), progress });
      const result = {
        recordingId: "drive",
        created: true,
        positionCount: 5,
        duplicateCount: 1,
        rejectedRowCount: 1,
        rejected: [{ line: 3, problems: [{ field: "latitude", value: "91", rule: "must be less" }] }],
      };
      await store.complete("i1", { status: "DONE", result });
      await store.advance("i1", { step: "storing", bytesRead: 100, sizeBytes: 100 });
      expect(await store.get("i1", NOW_MS)).toEqual({
        ...importTask("i1"),
        status: "DONE",
        progress,
        result,
      });
      await expect(store.advance("nothing", progress)).rejects.toBeInstanceOf(NotFoundError);
    });

    it("lists each task of a kind once, whatever the page size", async () => {
      const store = await make();
      const ids = Array.from({ length: 7 }, (_, index) => `i-${index * 31}`);
      for (const id of ids) {
        await store.create(importTask(id));
        await store.create(task(`t-${id}`));
      }
      await store.create({ ...importTask("expired"), expiresAtSeconds: NOW_MS / 1000 });
      const list = (request: PageRequest) => store.list("import", request, NOW_MS);
      await expectPagingWorks(list, ({ taskId }) => taskId, ids);
      await expectBadCursorsRefused(list);
      expect((await store.list("average-speed", { limit: 100 }, NOW_MS)).items).toHaveLength(7);
      expect((await list({ limit: 1 })).items[0]).toMatchObject({ file: { key: "drives/van 7.csv" } });
    });

    it("lists the tasks of devices whose id begins with a prefix, and those of no device", async () => {
      const store = await make();
      const ids = ["van-1", "van-22", "van", "truck-1", "van-3"];
      for (const deviceId of ids) await store.create({ ...task(`t-${deviceId}`), deviceId } as Task);
      await store.create(importTask("i1"));
      const list = (request: PageRequest) =>
        store.list("average-speed", { ...request, devicePrefix: "van-" }, NOW_MS);
      await expectPagingWorks(list, ({ taskId }) => taskId, ["t-van-1", "t-van-22", "t-van-3"]);
      expect((await store.list("import", { limit: 5, devicePrefix: "van-" }, NOW_MS)).items).toHaveLength(1);
      await store.remove("t-van-1");
      await store.remove("t-van-1");
      expect(await store.get("t-van-1", NOW_MS)).toBeUndefined();
      expect((await list({ limit: 5 })).items).toHaveLength(2);
    });

    it("changes nothing when the same task is created again", async () => {
      const store = await make();
      await store.create(task("t1"));
      await store.complete("t1", done(1));
      await store.create(task("t1"));
      expect(await store.get("t1", NOW_MS)).toEqual({ ...task("t1"), ...done(1) });
    });

    it("hides a task that has expired, whether or not the table has deleted it", async () => {
      const store = await make();
      await store.create(task("t1"));
      expect(await store.get("t1", EXPIRES_AT_SECONDS * 1000 - 1)).toEqual(task("t1"));
      expect(await store.get("t1", EXPIRES_AT_SECONDS * 1000)).toBeUndefined();
    });
  });
};
