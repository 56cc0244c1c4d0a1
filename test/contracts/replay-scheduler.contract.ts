import { describe, expect, it } from "vitest";
import { NotFoundError } from "../../lib/core/errors.ts";
import type {
  NewReplaySchedule,
  ReplayScheduleRemover,
  ReplayScheduler,
} from "../../lib/core/schedule/replay-schedule.ts";
import type { OfTenant } from "../../lib/core/tenant/of-tenant.ts";
import { DEFAULT_TENANT } from "../../lib/core/tenant/tenant-id.ts";
import { expectBadCursorsRefused, expectPagingWorks } from "./paging.ts";
import { keepsTenantsApart, ONE, OTHER } from "./tenants.ts";

const schedule = (name: string, overrides: Partial<NewReplaySchedule> = {}): NewReplaySchedule => ({
  name,
  timing: { cron: "0 3 ? * MON-FRI *" },
  timezone: "Europe/Ljubljana",
  replay: {
    sources: [{ recordingId: "drive-1", deviceId: "van", copies: 3 }],
    rate: 0.5,
    loop: true,
    start: 1.5,
  },
  ...overrides,
});

/** What every ReplayScheduler does. `make` returns an empty one, at a time in 2026. */
export const replaySchedulerContract = (
  name: string,
  makeAll: () => Promise<OfTenant<ReplayScheduler & ReplayScheduleRemover>>,
): void => {
  const make = async () => (await makeAll())(DEFAULT_TENANT);
  describe(`${name} keeps the contract of ReplayScheduler`, () => {
    keepsTenantsApart(makeAll, {
      write: (schedules, mark) => schedules.put(schedule("s1", { replay: { recordingId: `r${mark}` } })),
      change: (schedules, mark) => schedules.put(schedule("s1", { replay: { recordingId: `r${mark}` } })),
      remove: (schedules) => schedules.remove("s1"),
      read: async (schedules) => [
        await schedules.get("s1"),
        await schedules.list({ limit: 10 }),
        await schedules.count(10),
      ],
    });

    it("returns nothing of one tenant for another's cursor", async () => {
      const of = await makeAll();
      for (const name of ["s1", "s2", "s3"]) await of(ONE).put(schedule(name));
      const { cursor } = await of(ONE).list({ limit: 1 });
      expect(cursor).toBeDefined();
      const page = await of(OTHER).list({ limit: 10, ...(cursor !== undefined && { cursor }) });
      expect(page).toEqual({ items: [] });
    });

    it("finds nothing that was never put", async () => {
      const schedules = await make();
      expect(await schedules.get("nothing")).toBeUndefined();
      expect(await schedules.list({ limit: 10 })).toEqual({ items: [] });
      await expect(schedules.remove("nothing")).rejects.toBeInstanceOf(NotFoundError);
    });

    it.each<Partial<NewReplaySchedule>>([
      {},
      { timing: { at: "2030-03-31T23:59:59" }, timezone: "America/Argentina/Buenos_Aires" },
      { timing: { rate: "36 hours" }, timezone: "UTC", firstRunMs: Date.parse("2030-01-01T00:00:01Z") },
      { replay: { recordingId: 'a "quoted" <name> \u{1F69A}' } },
    ])("returns what was put: %j", async (overrides) => {
      const schedules = await make();
      await schedules.put(schedule("s1", overrides));
      const found = await schedules.get("s1");
      expect(found).toMatchObject(schedule("s1", overrides));
      expect(found?.updatedAtMs).toBe(found?.createdAtMs);
      expect(await schedules.list({ limit: 10 })).toEqual({ items: [found] });
    });

    it("replaces a schedule completely", async () => {
      const schedules = await make();
      await schedules.put(
        schedule("s1", { timing: { rate: "5 minutes" }, firstRunMs: Date.parse("2030-01-01T00:00:00Z") }),
      );
      const before = await schedules.get("s1");
      await schedules.put(schedule("s1", { replay: { recordingId: "drive-2" } }));
      const { createdAtMs = 0, updatedAtMs = 0, ...after } = (await schedules.get("s1")) ?? {};
      expect(after).toEqual(schedule("s1", { replay: { recordingId: "drive-2" } }));
      expect(createdAtMs).toBe(before?.createdAtMs);
      expect(updatedAtMs).toBeGreaterThanOrEqual(createdAtMs);
    });

    it("accepts several concurrent puts, and keeps one of them", async () => {
      const schedules = await make();
      const rates = ["2 minutes", "3 minutes", "4 minutes", "5 minutes"];
      await Promise.all(
        rates.map((rate) => schedules.put(schedule("s1", { timing: { rate }, firstRunMs: 2e12 }))),
      );
      const { items } = await schedules.list({ limit: 10 });
      expect(items).toHaveLength(1);
      expect(rates.map((rate) => ({ rate }))).toContainEqual(items[0]?.timing);
    });

    it("drops a removed schedule, and removes it once", async () => {
      const schedules = await make();
      await schedules.put(schedule("s1"));
      await schedules.remove("s1");
      expect(await schedules.get("s1")).toBeUndefined();
      await expect(schedules.remove("s1")).rejects.toBeInstanceOf(NotFoundError);
    });

    it("lists every schedule once, whatever the page size", async () => {
      const schedules = await make();
      const names = Array.from({ length: 7 }, (_, index) => `s_${index * 31}.${index}-x`);
      for (const each of names) await schedules.put(schedule(each));
      await expectPagingWorks(schedules.list, (listed) => listed.name, names);
      await expectBadCursorsRefused(schedules.list);
    });
  });
};
