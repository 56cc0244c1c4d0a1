import { describe, expect, test } from "vitest";
import { claimPorts } from "../../../test/claims.ts";
import { RECORDING } from "../../../test/samples.ts";
import { memoryRecordingStore } from "../../adapters/memory/recording-store.ts";
import { memoryReplayScheduler } from "../../adapters/memory/replay-scheduler.ts";
import { memoryReplayStore } from "../../adapters/memory/replay-store.ts";
import { memoryWorkflowStarter } from "../../adapters/memory/workflow-starter.ts";
import { InvalidInputError, NotFoundError, UnavailableError } from "../errors.ts";
import { putReplaySchedule } from "./put-schedule.ts";
import { startScheduledReplay } from "./start-scheduled-replay.ts";

const NOW_MS = Date.parse("2026-11-20T12:00:30Z");
const RUN = {
  schedule: "nightly",
  scheduledTime: "2026-11-20T12:00:00Z",
  replay: { recordingId: "drive-1", rate: 2 },
};

const setUp = async () => {
  const recordings = memoryRecordingStore();
  await recordings.put({ ...RECORDING, recordingId: "drive-1" });
  const clock = { nowMs: NOW_MS };
  return {
    recordings,
    clock,
    replays: memoryReplayStore(),
    workflows: memoryWorkflowStarter(),
    ...claimPorts(),
    schedules: memoryReplayScheduler(() => clock.nowMs),
    maximumSchedules: 3,
    now: () => clock.nowMs,
  };
};

test("a run is one replay, however often it is delivered", async () => {
  const ports = await setUp();
  const deliveries = [1, 2, 3, 4].map(() => startScheduledReplay(ports, RUN));
  for (const replay of await Promise.all(deliveries))
    expect(replay.replayId).toBe("nightly-20261120T120000Z");
  await startScheduledReplay(ports, RUN);
  expect((await ports.replays.list({ limit: 10 })).items).toHaveLength(1);
  expect(ports.workflows.started).toEqual([
    {
      workflow: "replay",
      executionName: "nightly-20261120T120000Z-1",
      input: { replayId: "nightly-20261120T120000Z", run: 1, chunk: 0 },
    },
  ]);
  const next = { ...RUN, scheduledTime: "2026-11-21T12:00:00Z" };
  // Two runs at once would play the same device; see finding 17.
  await expect(startScheduledReplay(ports, next)).rejects.toMatchObject({ name: "ConflictError" });
  const first = await ports.replays.get("nightly-20261120T120000Z");
  if (first) await ports.replays.save({ ...first, status: "finished" });
  await startScheduledReplay(ports, next);
  expect(ports.workflows.started).toHaveLength(2);
});

test("a run whose workflow did not start is started by the next delivery", async () => {
  const ports = await setUp();
  const workflows = { start: () => Promise.reject(new UnavailableError("away")) };
  await expect(startScheduledReplay({ ...ports, workflows }, RUN)).rejects.toThrow("away");
  expect(await ports.replays.get("nightly-20261120T120000Z")).toMatchObject({ status: "failed" });
  expect(await startScheduledReplay(ports, RUN)).toMatchObject({ status: "playing" });
  expect(ports.workflows.started.map(({ executionName }) => executionName)).toEqual([
    "nightly-20261120T120000Z-2",
  ]);
});

test("a delivery that died between the replay and its workflow is made good", async () => {
  const ports = await setUp();
  const dead = new Promise<never>(() => {});
  void startScheduledReplay({ ...ports, workflows: { start: () => dead } }, RUN);
  await new Promise((resolve) => setImmediate(resolve));
  expect(await ports.replays.get("nightly-20261120T120000Z")).toMatchObject({ starting: true });
  await startScheduledReplay(ports, RUN);
  expect(ports.workflows.started).toHaveLength(1);
});

test("a replay that was paused, or failed while it played, is left alone by a late delivery", async () => {
  const ports = await setUp();
  const replay = await startScheduledReplay(ports, RUN);
  const paused = await ports.replays.save({ ...replay, status: "paused", starting: false });
  expect(await startScheduledReplay(ports, RUN)).toEqual(paused);
  const failed = await ports.replays.save({ ...paused, status: "failed", positionsPublished: 7 });
  expect(await startScheduledReplay(ports, RUN)).toEqual(failed);
});

test("what can't be played is refused", async () => {
  const ports = await setUp();
  const gone = { ...RUN, replay: { recordingId: "gone" } };
  await expect(startScheduledReplay(ports, gone)).rejects.toBeInstanceOf(NotFoundError);
  const when = { ...RUN, scheduledTime: "<aws.scheduler.scheduled-time>" };
  await expect(startScheduledReplay(ports, when)).rejects.toBeInstanceOf(InvalidInputError);
});

test("putting the same again does not put a rate's next run off; putting another does", async () => {
  const ports = await setUp();
  const replay = { recordingId: "drive-1", rate: 2 };
  const first = await putReplaySchedule(ports, "often", { rate: "10 minutes", replay });
  expect(first).toMatchObject({
    created: true,
    schedule: { firstRunMs: Date.parse("2026-11-20T12:10:30Z") },
  });
  ports.clock.nowMs += 60_000;
  const same = { rate: 2, recordingId: "drive-1" };
  const again = await putReplaySchedule(ports, "often", {
    rate: "10 minutes",
    timezone: "UTC",
    replay: same,
  });
  expect(again).toEqual({ created: false, schedule: first.schedule });
  const other = await putReplaySchedule(ports, "often", { rate: "20 minutes", replay });
  expect(other).toMatchObject({
    created: false,
    schedule: {
      firstRunMs: Date.parse("2026-11-20T12:21:30Z"),
      createdAtMs: NOW_MS,
      updatedAtMs: NOW_MS + 60_000,
    },
  });
});

test("a replay is checked when it is scheduled, as if it began then", async () => {
  const ports = await setUp();
  const put = (replay: object, rate = "10 minutes") => putReplaySchedule(ports, "often", { rate, replay });
  await expect(put({ recordingId: "gone" })).rejects.toThrow("recording gone does not exist");
  await expect(put({})).rejects.toThrow("recordingId is missing");
  await expect(put({ recordingId: "drive-1", loop: true, timestamps: "original" })).rejects.toThrow(
    "only duplicates",
  );
  await expect(put({ recordingId: "drive-1", start: 2_000 })).rejects.toThrow(
    "the recording is 1443 seconds long",
  );
  await expect(putReplaySchedule(ports, "a b", { rate: "5 minutes", replay: {} })).rejects.toThrow(
    /^name must be/,
  );
  expect(await ports.schedules.list({ limit: 1 })).toEqual({ items: [] });
});

describe("finding 5: replay schedules", () => {
  test("are limited; one that is there can still be changed", async () => {
    const ports = await setUp();
    for (const name of ["a", "b", "c"]) await putReplaySchedule(ports, name, NIGHTLY);
    await expect(putReplaySchedule(ports, "d", NIGHTLY)).rejects.toMatchObject({
      name: "ConflictError",
      message: "at most 3 replay schedules, and there are 3: delete one first",
    });
    await putReplaySchedule(ports, "a", { ...NIGHTLY, timezone: "Europe/Ljubljana" });
  });
});

test("finding 25: PUT of a schedule answers the createdAt that GET answers, by the scheduler's clock", async () => {
  const ports = await setUp();
  const schedules = memoryReplayScheduler(() => 1_795_000_000_000);
  const { schedule } = await putReplaySchedule({ ...ports, schedules }, "nightly", NIGHTLY);
  expect(schedule).toEqual(await schedules.get("nightly"));
});

const NIGHTLY = { cron: "0 3 * * ? *", replay: { recordingId: "drive-1" } };
