import { expect, test } from "vitest";
import { memoryReplayStore } from "../../../lib/adapters/memory/replay-store.ts";
import { perTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { call } from "../../../test/http-event.ts";
import { replayOf, START_MS } from "../../../test/replay-simulation.ts";
import { createHandler } from "./handler.ts";

test("lists replays page by page, with their progress", async () => {
  const replays = memoryReplayStore();
  const handler = createHandler(() => ({ replays, now: () => START_MS }));
  expect((await call(handler, "GET /replays")).json).toEqual({ replays: [] });
  for (const replayId of ["a", "b", "c"]) await replays.save({ ...replayOf([0, 1_000]), replayId });
  const first = await call(handler, "GET /replays", { query: { limit: 2 } });
  expect(first.json.replays[0].progress).toMatchObject({ fraction: 0, durationSeconds: 1 });
  expect(first.headers.link).toContain('rel="next"');
  const second = await call(handler, "GET /replays", { query: { limit: 2, cursor: first.json.cursor } });
  const ids = [...first.json.replays, ...second.json.replays].map(({ replayId }) => replayId);
  expect(ids.sort()).toEqual(["a", "b", "c"]);
});

test("refuses a limit over 100", async () => {
  const handler = createHandler(perTenant(() => ({ replays: memoryReplayStore(), now: () => START_MS })));
  expect((await call(handler, "GET /replays", { query: { limit: 101 } })).status).toBe(400);
});
