import { describe, expect, test } from "vitest";
import { NOW_MS, world } from "../../../test/replay-world.ts";
import { controlReplay } from "./control-replay.ts";
import { createReplay } from "./create-replay.ts";
import { progressOf } from "./progress.ts";

/** A replay that plays, in the middle of a plan that ends a second ahead. */
const playing = async () => {
  const { ports, replays } = await world();
  const made = await createReplay(ports, { sources: [{ recordingId: "drive" }], rate: 10 });
  const clock = { ...made.clock, anchorOffsetMs: 100_000, anchorWallMs: NOW_MS - 500, rate: 10 };
  await replays.save({
    ...made,
    starting: false,
    clock,
    nextOffsetMs: 115_000,
    plan: { sequence: 3, fromOffsetMs: 100_000, untilOffsetMs: 115_000, clock },
  });
  return { ports, replays, replayId: made.replayId };
};

describe("finding 25: PATCH of a replay answers what is true after it", () => {
  test("after a seek it is where the seek leads, and so says who asks next", async () => {
    const { ports, replays, replayId } = await playing();
    const sought = await controlReplay(ports, replayId, { seekSeconds: 900 });
    expect(progressOf(sought, NOW_MS).offsetSeconds).toBe(900);
    const read = await replays.get(replayId);
    expect(read && progressOf(read, NOW_MS + 200).offsetSeconds).toBe(900);
  });

  test("after a pause it is where it comes to rest", async () => {
    const { ports, replayId } = await playing();
    const paused = await controlReplay(ports, replayId, { paused: true });
    expect(paused.status).toBe("paused");
    expect(progressOf(paused, NOW_MS).offsetSeconds).toBe(115);
    expect(progressOf(paused, NOW_MS + 60_000).offsetSeconds).toBe(115);
  });

  test("after a change of rate it has the new rate, and is where it was", async () => {
    const { ports, replayId } = await playing();
    const faster = await controlReplay(ports, replayId, { rate: 50 });
    expect(faster.clock.rate).toBe(50);
    expect(progressOf(faster, NOW_MS).offsetSeconds).toBe(105);
  });
});
