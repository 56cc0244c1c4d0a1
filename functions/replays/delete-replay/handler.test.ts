import { expect, test } from "vitest";
import { memoryReplayStore } from "../../../lib/adapters/memory/replay-store.ts";
import { activeReplays, admitReplay } from "../../../lib/core/replay/active-replays.ts";
import { claimPorts } from "../../../test/claims.ts";
import { call } from "../../../test/http-event.ts";
import { replayOf } from "../../../test/replay-simulation.ts";
import { createHandler } from "./handler.ts";

test("deletes a replay, once", async () => {
  const replays = memoryReplayStore();
  const { claims, limits } = claimPorts();
  await admitReplay({ replays, claims, now: () => 0 }, replayOf([0, 1_000]), limits);
  await replays.save(replayOf([0, 1_000]));
  const remove = () =>
    call(
      createHandler(() => ({ replays, claims, now: () => 0 })),
      "DELETE /replays/{replayId}",
      {
        path: { replayId: "replay" },
      },
    );
  expect(await remove()).toMatchObject({ status: 204, text: "" });
  expect(await replays.get("replay")).toBeUndefined();
  expect(await activeReplays({ replays, claims, now: () => 0 })).toEqual([]);
  expect((await remove()).status).toBe(404);
});
