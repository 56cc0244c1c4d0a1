import { describe, expect, test } from "vitest";
import { replayOf, START_MS } from "../../../test/replay-simulation.ts";
import { progressOf } from "./progress.ts";
import type { Replay } from "./replay.ts";

describe("progress", () => {
  const clock = { anchorOffsetMs: 0, anchorWallMs: START_MS, rate: 1, paused: false };
  const replay: Replay = {
    ...replayOf([0, 100_000]),
    options: { loop: true, timestamps: "now" },
    timeline: { startMs: 20_000, endMs: 60_000, durationMs: 100_000, periodMs: 41_000 },
    nextOffsetMs: 44_000,
    plan: { sequence: 1, fromOffsetMs: 43_000, untilOffsetMs: 44_000, clock },
  };

  test.each([
    ["before the plan", 0, 22, 1],
    ["within it", 43_600, 22.6, 1],
    ["long after it, its player being dead", 999_000, 23, 1],
  ])("is what was announced: %s", (_, afterMs, offsetSeconds, iteration) => {
    expect(progressOf(replay, START_MS + afterMs)).toEqual({
      offsetSeconds,
      durationSeconds: 100,
      fraction: expect.closeTo((offsetSeconds - 20) / 40),
      iteration,
      positionsPublished: 0,
    });
  });

  test("is whole when it has finished, also of a single position", () => {
    const finished: Replay = {
      ...replay,
      options: { loop: false, timestamps: "now" },
      status: "finished",
      plan: undefined,
      nextOffsetMs: 40_000,
    };
    expect(progressOf(finished, START_MS)).toMatchObject({ offsetSeconds: 60, fraction: 1, iteration: 0 });
    const single: Replay = {
      ...finished,
      timeline: { startMs: 0, endMs: 0, durationMs: 0, periodMs: 1 },
      nextOffsetMs: 0,
    };
    expect(progressOf(single, START_MS)).toMatchObject({ offsetSeconds: 0, fraction: 1 });
  });
});
