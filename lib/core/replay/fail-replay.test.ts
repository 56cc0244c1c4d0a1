import { describe, expect, test } from "vitest";
import { NOW_MS, world } from "../../../test/replay-world.ts";
import { failReplay } from "./fail-replay.ts";
import type { Replay } from "./replay.ts";

describe("marking as failed", () => {
  test("tells why, keeps the plan, and can be repeated", async () => {
    const { ports, store, replays } = await world();
    const before = await store({});
    for (let attempt = 0; attempt < 2; attempt++) {
      await failReplay(ports, { replayId: "replay", run: 1, reason: "r".repeat(1_000) });
    }
    const failed = await replays.get("replay");
    expect(failed).toMatchObject({
      ...before,
      status: "failed",
      reason: "r".repeat(500),
      version: 2,
      starting: false,
      updatedAtMs: NOW_MS,
    });
  });

  test.each<[string, Partial<Replay>]>([
    ["paused", { status: "paused" }],
    ["finished", { status: "finished" }],
    ["taken by a later run", { run: 3 }],
  ])("leaves a replay that was %s as it is", async (_, overrides) => {
    const { ports, store, replays } = await world();
    const before = await store(overrides);
    await failReplay(ports, { replayId: "replay", run: 1, reason: "late" });
    expect(await replays.get("replay")).toEqual(before);
    await failReplay(ports, { replayId: "deleted", run: 1, reason: "late" });
  });
});
