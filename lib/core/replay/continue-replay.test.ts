import { describe, expect, test } from "vitest";
import { world } from "../../../test/replay-world.ts";
import { continueReplay } from "./continue-replay.ts";
import type { Replay } from "./replay.ts";

describe("handing over", () => {
  test("raises the run once and starts its execution, however often it is repeated", async () => {
    const { ports, store, replays, workflows } = await world();
    await store({ starting: false });
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(await continueReplay(ports, { replayId: "replay", run: 1 })).toEqual({ status: "continued" });
    }
    expect(await replays.get("replay")).toMatchObject({ run: 2, version: 2, starting: false });
    expect(workflows.started.map(({ executionName }) => executionName)).toEqual(["replay-2"]);
  });

  test.each<[string, Partial<Replay>]>([
    ["paused", { status: "paused" }],
    ["taken by a later run", { run: 3 }],
  ])("starts nothing for a replay that was %s", async (_, overrides) => {
    const { ports, store, workflows } = await world();
    await store(overrides);
    expect(await continueReplay(ports, { replayId: "replay", run: 1 })).toEqual({ status: "stopped" });
    expect(await continueReplay(ports, { replayId: "deleted", run: 1 })).toEqual({ status: "stopped" });
    expect(workflows.started).toEqual([]);
  });
});
