import { expect, test } from "vitest";
import { memoryReplayStore } from "../../../lib/adapters/memory/replay-store.ts";
import { lambdaContext } from "../../../test/http-event.ts";
import { replayOf, START_MS } from "../../../test/replay-simulation.ts";
import { createHandler } from "./handler.ts";

test("takes what Catch made of an error, and tells the replay's readers", async () => {
  const replays = memoryReplayStore();
  await replays.save(replayOf([0, 1_000]));
  const cause = {
    errorType: "UnavailableError",
    errorMessage: "publish 3 records: no answer",
    trace: ["at x"],
  };
  const input = {
    replayId: "replay",
    run: 1,
    chunk: 4,
    error: { Error: "UnavailableError", Cause: JSON.stringify(cause) },
  };
  const handler = createHandler(() => ({ replays, now: () => START_MS }));
  const reason = "UnavailableError: publish 3 records: no answer";
  expect(await handler(input, lambdaContext())).toEqual({ replayId: "replay", run: 1, reason });
  expect(await replays.get("replay")).toMatchObject({ status: "failed", reason });
});
