import { expect, test } from "vitest";
import { memoryReplayStore } from "../../../lib/adapters/memory/replay-store.ts";
import { memoryWorkflowStarter } from "../../../lib/adapters/memory/workflow-starter.ts";
import { lambdaContext } from "../../../test/http-event.ts";
import { replayOf, START_MS } from "../../../test/replay-simulation.ts";
import { createHandler } from "./handler.ts";

test("takes what play-replay answered, and starts the next run", async () => {
  const replays = memoryReplayStore();
  const workflows = memoryWorkflowStarter();
  await replays.save(replayOf([0, 1_000]));
  const handler = createHandler(() => ({ replays, workflows, now: () => START_MS }));
  const played = { replayId: "replay", run: 1, chunk: 750, status: "handover" };
  expect(await handler(played, lambdaContext())).toEqual({ status: "continued" });
  expect(workflows.started.map(({ input }) => input)).toEqual([{ replayId: "replay", run: 2, chunk: 0 }]);
  await expect(handler({ replayId: "replay" }, lambdaContext())).rejects.toMatchObject({
    name: "InvalidInputError",
  });
});
