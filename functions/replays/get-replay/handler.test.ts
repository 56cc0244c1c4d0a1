import { expect, test } from "vitest";
import { memoryReplayStore } from "../../../lib/adapters/memory/replay-store.ts";
import { perTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { call } from "../../../test/http-event.ts";
import { replayOf, START_MS } from "../../../test/replay-simulation.ts";
import { createHandler } from "./handler.ts";

const ROUTE = "GET /replays/{replayId}";

test("answers a replay as it stands now", async () => {
  const replays = memoryReplayStore();
  const clock = { anchorOffsetMs: 0, anchorWallMs: START_MS, rate: 1, paused: false };
  const plan = { sequence: 1, fromOffsetMs: 0, untilOffsetMs: 1_000, clock };
  await replays.save({ ...replayOf([0, 10_000]), plan, nextOffsetMs: 1_000 });
  const handler = createHandler(() => ({ replays, now: () => START_MS + 500 }));
  const answer = await call(handler, ROUTE, { path: { replayId: "replay" } });
  expect(answer.status).toBe(200);
  expect(answer.json).toMatchObject({
    status: "playing",
    progress: { offsetSeconds: 0.5, durationSeconds: 10, fraction: 0.05 },
  });
});

test("tells why a replay has failed", async () => {
  const replays = memoryReplayStore();
  await replays.save({ ...replayOf([0, 10_000]), status: "failed", reason: "the recording is gone" });
  const handler = createHandler(() => ({ replays, now: () => START_MS }));
  const answer = await call(handler, ROUTE, { path: { replayId: "replay" } });
  expect(answer.json).toMatchObject({ status: "failed", reason: "the recording is gone" });
});

test("answers 404 for one that does not exist", async () => {
  const handler = createHandler(perTenant(() => ({ replays: memoryReplayStore(), now: () => START_MS })));
  expect((await call(handler, ROUTE, { path: { replayId: "none" } })).status).toBe(404);
});
