import { describe, expect, test } from "vitest";
import { START_MS } from "../../../test/replay-simulation.ts";
import { NOW_MS, world } from "../../../test/replay-world.ts";
import { VersionConflictError } from "../errors.ts";
import type { ReplayChange } from "./change-replay.ts";
import { controlReplay } from "./control-replay.ts";
import type { Replay } from "./replay.ts";

describe("changing a replay", () => {
  const clock = { anchorOffsetMs: 0, anchorWallMs: START_MS, rate: 1, paused: false };
  /** Announced until a second from now. */
  const playing: Partial<Replay> = {
    starting: false,
    clock,
    playerSeenMs: NOW_MS,
    nextOffsetMs: 61_000,
    timeline: { startMs: 0, endMs: 100_000, durationMs: 100_000, periodMs: 101_000 },
    plan: { sequence: 5, fromOffsetMs: 60_000, untilOffsetMs: 61_000, clock },
  };

  test("never touches the plan, and counts from its end", async () => {
    const { ports, store } = await world();
    await store(playing);
    const replay = await controlReplay(ports, "replay", { rate: 4 });
    expect(replay.plan).toEqual(playing.plan);
    expect(replay.clock).toEqual({
      anchorOffsetMs: 61_000,
      anchorWallMs: START_MS + 61_000,
      rate: 4,
      paused: false,
    });
    expect(replay).toMatchObject({ nextOffsetMs: 61_000, run: 1 });
  });

  test("counts from now when the plan's end is past, as it is after a crash", async () => {
    const { ports, store } = await world();
    await store({ ...playing, nextOffsetMs: 20_000 });
    const { clock: changed } = await controlReplay(ports, "replay", { rate: 2 });
    expect(changed).toEqual({ anchorOffsetMs: 20_000, anchorWallMs: NOW_MS, rate: 2, paused: false });
  });

  test("takes rate, seek and pause at once", async () => {
    const { ports, store, workflows } = await world();
    await store({ ...playing, options: { loop: true, timestamps: "now" }, nextOffsetMs: 101_000 * 2 + 500 });
    const replay = await controlReplay(ports, "replay", { rate: 0.5, paused: true, seekSeconds: 12.5 });
    expect(replay).toMatchObject({
      status: "paused",
      nextOffsetMs: 101_000 * 2 + 12_500,
      clock: { anchorOffsetMs: 101_000 * 2 + 12_500, rate: 0.5, paused: true },
    });
    expect(workflows.started).toEqual([]);
  });

  test.each([-1, 100.001, 1e9, Number.NaN])(
    "refuses to seek to %d and tells the duration",
    async (seekSeconds) => {
      const { ports, store, replays } = await world();
      const before = await store(playing);
      await expect(controlReplay(ports, "replay", { seekSeconds })).rejects.toMatchObject({
        name: "InvalidInputError",
        problems: [
          {
            field: "seek",
            rule: "must be from 0 to 100: seconds of recorded time, of which the recording has 100",
          },
        ],
      });
      expect(await replays.get("replay")).toEqual(before);
    },
  );

  test.each([0, -1, Number.NaN, 10_001, 0.009])("refuses rate %d", async (rate) => {
    const { ports, store } = await world();
    await store(playing);
    await expect(controlReplay(ports, "replay", { rate })).rejects.toMatchObject({
      name: "InvalidInputError",
    });
  });

  test.each<[string, Partial<Replay>, ReplayChange, string | Partial<Replay>]>([
    [
      "a finished one without a seek",
      { status: "finished" },
      { paused: false },
      "has finished: seek to play it again",
    ],
    ["a finished one with a seek", { status: "finished" }, { seekSeconds: 1 }, { status: "playing", run: 2 }],
    [
      "a finished one with a seek and a pause",
      { status: "finished" },
      { seekSeconds: 1, paused: true },
      { status: "paused", run: 1 },
    ],
    [
      "a failed one without paused: false",
      { status: "failed" },
      { rate: 2 },
      "has failed: start it again with paused: false",
    ],
    ["a failed one with it", { status: "failed" }, { paused: false, rate: 2 }, { status: "playing", run: 2 }],
    ["a paused one's rate", { status: "paused" }, { rate: 2 }, { status: "paused", run: 1 }],
    [
      "a paused one: resumed",
      { status: "paused" },
      { paused: false },
      { status: "playing", run: 2, starting: true },
    ],
    ["a playing one: paused", {}, { paused: true }, { status: "paused", run: 1 }],
    [
      "a playing one that is told to play",
      {},
      { paused: false },
      { status: "playing", run: 1, starting: false },
    ],
    [
      "a playing one whose player is dead",
      { playerSeenMs: NOW_MS - 61_000 },
      { paused: false },
      { status: "playing", run: 2, starting: true },
    ],
  ])("%s", async (_, overrides, change, expected) => {
    const { ports, store, workflows } = await world();
    await store({ ...playing, ...overrides });
    const changing = controlReplay(ports, "replay", change);
    if (typeof expected === "string") {
      await expect(changing).rejects.toMatchObject({
        name: "ConflictError",
        message: `replay replay ${expected}`,
      });
      return;
    }
    expect(await changing).toMatchObject(expected);
    const runs = workflows.started.map(({ input }) => (input as { run: number }).run);
    const asked = expected.status === "playing" && (expected.run === 2 || change.paused === false);
    expect(runs).toEqual(asked ? [expected.run] : []);
  });

  test("decides again when another writer was faster, and gives up when all the others always are", async () => {
    const { ports, store, replays } = await world();
    await store(playing);
    let lost = 0;
    const contested = (losses: number) => ({
      ...replays,
      save: async (replay: Replay) => {
        if (lost++ < losses) {
          const other = await replays.get("replay");
          if (other) await replays.save({ ...other, positionsPublished: other.positionsPublished + 1 });
          throw new VersionConflictError("lost");
        }
        return replays.save(replay);
      },
    });
    const replay = await controlReplay({ ...ports, replays: contested(9) }, "replay", { rate: 3 });
    expect(replay).toMatchObject({ positionsPublished: 9, clock: { rate: 3 } });
    lost = 0;
    await expect(
      controlReplay({ ...ports, replays: contested(10) }, "replay", { rate: 5 }),
    ).rejects.toMatchObject({
      name: "ConflictError",
      message: "replay replay is being changed by many at once: try again",
    });
    expect((await replays.get("replay"))?.clock.rate).toBe(3);
  });

  test("of an unknown one is refused", async () => {
    const { ports } = await world();
    await expect(controlReplay(ports, "none", { rate: 1 })).rejects.toMatchObject({ name: "NotFoundError" });
  });
});
