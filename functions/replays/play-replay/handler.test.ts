import { expect, test } from "vitest";
import { memoryPositionStream } from "../../../lib/adapters/memory/position-stream.ts";
import { memoryReplayStore } from "../../../lib/adapters/memory/replay-store.ts";
import { memoryTrackStore } from "../../../lib/adapters/memory/track-store.ts";
import { zstd } from "../../../lib/adapters/zstd.ts";
import { perTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { lambdaContext } from "../../../test/http-event.ts";
import { replayOf, START_MS } from "../../../test/replay-simulation.ts";
import definition from "./definition.ts";
import { createHandler } from "./handler.ts";

/*
 * What it plays, and when: lib/core/replay/play.test.ts. What the workflow makes of it:
 * test/workflows/replay.test.ts.
 */

const handlerOf = (replays = memoryReplayStore()) =>
  createHandler(
    perTenant(() => ({
      replays,
      tracks: memoryTrackStore(),
      stream: memoryPositionStream(),
      compression: zstd,
      now: () => START_MS,
      sleep: async () => undefined,
    })),
    240,
  );

test("answers what the workflow decides on", async () => {
  const replays = memoryReplayStore();
  await replays.save({ ...replayOf([0, 1_000]), status: "paused" });
  const input = { replayId: "replay", run: 1, chunk: 6 };
  expect(await handlerOf(replays)(input, lambdaContext())).toEqual({ ...input, chunk: 7, status: "paused" });
  const deleted = { ...input, replayId: "deleted" };
  expect(await handlerOf()(deleted, lambdaContext())).toMatchObject({ status: "stopped" });
});

test.each([{}, { replayId: "replay", run: 0, chunk: 0 }, { replayId: "replay", run: 1 }, null])(
  "refuses %j",
  async (input) => {
    await expect(handlerOf()(input, lambdaContext())).rejects.toMatchObject({ name: "InvalidInputError" });
  },
);

test("leaves a minute between the end of a chunk and its timeout, for the last plan", () => {
  expect(definition.timeoutSeconds - Number(definition.environment?.CHUNK_SECONDS)).toBeGreaterThanOrEqual(
    60,
  );
});
