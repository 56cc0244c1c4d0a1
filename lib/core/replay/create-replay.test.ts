import { describe, expect, test } from "vitest";
import { deadWorkflows, world } from "../../../test/replay-world.ts";
import { UnavailableError } from "../errors.ts";
import { controlReplay } from "./control-replay.ts";
import { createReplay, type ReplayRequest } from "./create-replay.ts";

describe("creating a replay", () => {
  test("stores it, then starts the execution of its first run", async () => {
    const { ports, replays, workflows } = await world();
    const replay = await createReplay(ports, {
      sources: [{ recordingId: "drive", deviceId: "demo", copies: 4 }, { recordingId: "walk" }],
      rate: 10,
      loop: true,
      startSeconds: 5,
    });
    expect(replay).toMatchObject({
      replayId: "replay-1",
      version: 1,
      status: "playing",
      run: 1,
      starting: true,
      sources: [
        { recordingId: "drive", deviceId: "demo", copies: 4, firstTimestampMs: 1_000 },
        { recordingId: "walk", deviceId: "walk", copies: 1, lastTimestampMs: 101_000 },
      ],
      options: { loop: true, timestamps: "now" },
      timeline: { startMs: 5_000, endMs: 1_443_000, durationMs: 1_443_000, periodMs: 1_439_000 },
      clock: { anchorOffsetMs: 0, rate: 10, paused: false },
    });
    expect(await replays.get("replay-1")).toEqual(replay);
    expect(workflows.started).toEqual([
      {
        workflow: "replay",
        executionName: "replay-1-1",
        input: { replayId: "replay-1", run: 1, chunk: 0 },
      },
    ]);
  });

  test("starts it when it was stored and only the answer was lost", async () => {
    const { ports, workflows } = await world();
    const retried: typeof ports.replays = {
      ...ports.replays,
      save: async (replay) => {
        await ports.replays.save(replay);
        return ports.replays.save(replay);
      },
    };
    const replay = await createReplay(
      { ...ports, replays: retried },
      { sources: [{ recordingId: "drive" }] },
    );
    expect(replay).toMatchObject({ replayId: "replay-1", version: 1, status: "playing" });
    expect(workflows.started).toHaveLength(1);
  });

  test("finding 7: with original timestamps of a recording that reaches into the future is refused", async () => {
    const { ports } = await world();
    const request = { sources: [{ recordingId: "walk" }], timestamps: "original" } as const;
    const at = (nowMs: number) => ({ ...ports, now: () => nowMs });
    const refused = createReplay(at(101_000 - 300_001), request);
    await expect(refused).rejects.toThrow(
      "timestamps must be now: recording walk reaches to 1970-01-01T00:01:41.000Z, which is in the future",
    );
    expect(await createReplay(at(101_000 - 300_000), request)).toMatchObject({ status: "playing" });
  });

  const drive = { recordingId: "drive" };
  test.each<[string, ReplayRequest, string, string]>([
    ["rate 0", { sources: [drive], rate: 0 }, "rate", "must be a number from 0.01 to 10000"],
    ["rate NaN", { sources: [drive], rate: Number.NaN }, "rate", "must be a number from 0.01 to 10000"],
    ["rate 10,001", { sources: [drive], rate: 10_001 }, "rate", "must be a number from 0.01 to 10000"],
    [
      "a loop of original timestamps",
      { sources: [drive], loop: true, timestamps: "original" },
      "loop",
      "would send only duplicates with original timestamps",
    ],
    [
      "a start before it",
      { sources: [drive], startSeconds: -1 },
      "start",
      "must be a number of seconds, 0 or more",
    ],
    [
      "an end behind the end",
      { sources: [drive], endSeconds: 1_443.5 },
      "end",
      "must be at most 1443: the recording is 1443 seconds long",
    ],
    [
      "a start behind the end",
      { sources: [drive], startSeconds: 20, endSeconds: 10 },
      "start",
      "must be at most 10: the recording is 1443 seconds long",
    ],
    ["no source", { sources: [] }, "sources", "must be 1 to 20"],
    [
      "half a copy",
      { sources: [{ ...drive, copies: 0.5 }] },
      "copies",
      "must be a whole number of at least 1, and a replay has at most 1000 devices",
    ],
    [
      "too many devices",
      {
        sources: [
          { ...drive, copies: 999 },
          { recordingId: "walk", copies: 2 },
        ],
      },
      "copies",
      "must be a whole number of at least 1, and a replay has at most 1000 devices",
    ],
    [
      "a device id that grows too long with its number",
      { sources: [{ ...drive, deviceId: "x".repeat(126), copies: 10 }] },
      "deviceId",
      "must be 1 to 128 characters of A-Z a-z 0-9 . _ : @ -",
    ],
  ])("refuses %s and stores nothing", async (_, request, field, rule) => {
    const { ports, replays, workflows } = await world();
    await expect(createReplay(ports, request)).rejects.toMatchObject({
      name: "InvalidInputError",
      problems: [{ field, rule }],
    });
    expect(await replays.list({ limit: 10 })).toEqual({ items: [] });
    expect(workflows.started).toEqual([]);
  });

  test("of a recording that does not exist is refused", async () => {
    const { ports } = await world();
    await expect(createReplay(ports, { sources: [{ recordingId: "none" }] })).rejects.toMatchObject({
      name: "NotFoundError",
      message: "recording none does not exist",
    });
  });

  test("stays, failed, when the workflow does not start, and paused: false starts it after all", async () => {
    const { ports, replays, workflows } = await world();
    const failing = createReplay({ ...ports, workflows: deadWorkflows }, { sources: [drive] });
    await expect(failing).rejects.toThrow(UnavailableError);
    expect(await replays.get("replay-1")).toMatchObject({
      status: "failed",
      reason: "the workflow did not start: UnavailableError: no answer",
    });
    const replay = await controlReplay(ports, "replay-1", { paused: false });
    expect(replay).toMatchObject({ status: "playing", run: 2, starting: true });
    expect(replay.reason).toBeUndefined();
    expect(workflows.started.map(({ executionName }) => executionName)).toEqual(["replay-1-2"]);
  });
});
