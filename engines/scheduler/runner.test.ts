import { expect, it } from "vitest";
import { VirtualTime } from "../../test/virtual-time.ts";
import { memoryScheduleStore } from "./memory-schedule-store.ts";
import type { ScheduleRecord, ScheduleSettings } from "./schedule-store.ts";
import { startScheduling } from "./scheduler.ts";

const START_MS = Date.parse("2026-11-20T12:00:30Z");

const MINUTELY: ScheduleSettings = {
  ScheduleExpression: "cron(* * * * ? *)",
  FlexibleTimeWindow: { Mode: "OFF" },
  Target: {
    Arn: "arn:aws:lambda:us-east-1:000000000000:function:f",
    RoleArn: "arn:aws:iam::000000000000:role/local",
    Input: JSON.stringify({ time: "<aws.scheduler.scheduled-time>" }),
  },
};

/** As another version, or a machine with other time zones, may have kept it. */
const kept = (name: string, settings: Partial<ScheduleSettings>, revision = name): ScheduleRecord => ({
  groupName: "replays",
  name,
  revision,
  settings: { ...MINUTELY, ...settings },
  createdMs: START_MS,
  modifiedMs: START_MS,
  dueMs: START_MS + 30_000,
});

it("runs the schedules behind one that can't be understood, which is reported once per change", async () => {
  const time = new VirtualTime(START_MS);
  const store = memoryScheduleStore();
  const zone = kept("a-zone", { ScheduleExpressionTimezone: "Mars/Olympus" });
  const delivered: unknown[] = [];
  const errors: string[] = [];
  for (const record of [zone, kept("b-words", { ScheduleExpression: "now and then" }), kept("c-good", {})]) {
    await store.save(record, undefined);
  }
  const scheduling = startScheduling({
    region: "us-east-1",
    account: "000000000000",
    groups: ["replays"],
    store,
    invoke: async (_, event) => delivered.push((event as { time: string }).time),
    clock: time.now,
    sleep: time.sleep,
    onError: (message, error) => errors.push(`${message}: ${error}`),
  });
  await time.passUntil("2026-11-20T12:02:30Z");
  expect(delivered).toEqual(["2026-11-20T12:01:00Z", "2026-11-20T12:02:00Z"]);
  expect(errors).toEqual([
    expect.stringMatching(/^schedule replays\/a-zone can't be run: .*Mars\/Olympus/),
    expect.stringMatching(/^schedule replays\/b-words can't be run: .*now and then/),
  ]);

  await store.save({ ...zone, revision: "changed" }, zone);
  await time.passUntil("2026-11-20T12:04:30Z");
  expect(delivered).toHaveLength(4);
  expect(errors.slice(2)).toEqual([expect.stringContaining("a-zone can't be run")]);
  await time.run(scheduling.close());
});
