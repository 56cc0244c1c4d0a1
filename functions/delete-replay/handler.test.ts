import { expect, test } from "vitest";
import { memoryReplayStore } from "../../lib/adapters/memory/replay-store.ts";
import { call } from "../../test/http-event.ts";
import { replayOf } from "../../test/replay-simulation.ts";
import { createHandler } from "./handler.ts";

test("deletes a replay, once", async () => {
  const replays = memoryReplayStore();
  await replays.save(replayOf([0, 1_000]));
  const remove = () =>
    call(createHandler({ replays }), "DELETE /replays/{replayId}", { path: { replayId: "replay" } });
  expect(await remove()).toMatchObject({ status: 204, text: "" });
  expect(await replays.get("replay")).toBeUndefined();
  expect((await remove()).status).toBe(404);
});
