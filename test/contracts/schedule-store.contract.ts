import { describe, expect, it } from "vitest";
import type { ScheduleRecord, ScheduleStore } from "../../engines/scheduler/schedule-store.ts";

const record = (name: string, revision: string, more: Partial<ScheduleRecord> = {}): ScheduleRecord => ({
  groupName: "replays",
  name,
  revision,
  settings: {
    ScheduleExpression: "rate(1 minute)",
    FlexibleTimeWindow: { Mode: "OFF" },
    Target: { Arn: "arn:aws:lambda:us-east-1:000000000000:function:f", RoleArn: "arn:aws:iam::0:role/r" },
  },
  createdMs: 1_795_000_000_000,
  modifiedMs: 1_795_000_000_000,
  dueMs: 1_795_000_060_000,
  ...more,
});
const FIRST = record("nightly", "1");
const SECOND = record("nightly", "2", { dueMs: 1_795_000_120_000 });

/** What every store of schedules must do. */
export const scheduleStoreContract = (name: string, makeStore: () => Promise<ScheduleStore>): void => {
  describe(`${name}: schedules`, () => {
    it("keeps a new schedule under a name that is free, and no other", async () => {
      const store = await makeStore();
      expect(await store.get("replays", "nightly")).toBeUndefined();
      expect(await store.save(FIRST, undefined)).toBe(true);
      expect(await store.save(SECOND, undefined)).toBe(false);
      expect(await store.get("replays", "nightly")).toEqual(FIRST);
    });

    it("changes a schedule only as it was seen", async () => {
      const store = await makeStore();
      await store.save(FIRST, undefined);
      expect(await store.save(SECOND, FIRST)).toBe(true);
      expect(await store.save(record("nightly", "3"), FIRST)).toBe(false);
      expect(await store.remove(FIRST)).toBe(false);
      expect(await store.get("replays", "nightly")).toEqual(SECOND);
    });

    it("removes a schedule as it was seen, and does not bring it back by a change of before", async () => {
      const store = await makeStore();
      await store.save(FIRST, undefined);
      expect(await store.remove(FIRST)).toBe(true);
      expect(await store.remove(FIRST)).toBe(false);
      expect(await store.save(SECOND, FIRST)).toBe(false);
      expect(await store.list()).toEqual([]);
    });

    it("lists the schedules of all groups", async () => {
      const store = await makeStore();
      const all = [FIRST, record("other", "1"), record("nightly", "1", { groupName: "others" })];
      for (const each of all) await store.save(each, undefined);
      const listed = await store.list();
      expect(listed).toHaveLength(3);
      expect(listed).toEqual(expect.arrayContaining(all));
    });
  });
};
