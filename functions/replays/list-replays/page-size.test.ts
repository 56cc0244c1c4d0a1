import { expect, test } from "vitest";
import { memoryReplayStore } from "../../../lib/adapters/memory/replay-store.ts";
import { call } from "../../../test/http-event.ts";
import { replayOf } from "../../../test/replay-simulation.ts";
import { createHandler } from "./handler.ts";

test("finding 5: a page of replays of 1,000 copies is small, and says how many devices each has", async () => {
  const replays = memoryReplayStore();
  const { sources, ...replay } = replayOf([0, 1_000]);
  for (let index = 0; index < 100; index++) {
    const source = { ...sources[0], deviceId: "d".repeat(120), copies: 1_000 };
    await replays.save({ ...replay, replayId: `r-${index}`, sources: [source] });
  }
  const answer = await call(
    createHandler(() => ({ replays, now: () => 0 })),
    "GET /replays",
    {
      query: { limit: 100 },
    },
  );
  expect(answer.json.replays).toHaveLength(100);
  expect(answer.text.length).toBeLessThan(200_000);
  expect(answer.json.replays[0].sources).toEqual([
    { recordingId: "recording", deviceId: "d".repeat(120), copies: 1_000 },
  ]);
});
