import { expect, test } from "vitest";
import { memoryRecordingStore } from "../../../lib/adapters/memory/recording-store.ts";
import { perTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { call } from "../../../test/http-event.ts";
import { RECORDING } from "../../../test/samples.ts";
import { createHandler } from "./handler.ts";

test("lists recordings page by page", async () => {
  const recordings = memoryRecordingStore();
  const handler = createHandler(() => ({ recordings }));
  expect((await call(handler, "GET /recordings")).json).toEqual({ recordings: [] });
  for (const recordingId of ["a", "b", "c"]) await recordings.put({ ...RECORDING, recordingId });
  const first = await call(handler, "GET /recordings", { query: { limit: 2 } });
  expect(first.json.recordings).toHaveLength(2);
  expect(first.headers.link).toContain('rel="next"');
  const second = await call(handler, "GET /recordings", { query: { limit: 2, cursor: first.json.cursor } });
  const ids = [...first.json.recordings, ...second.json.recordings].map(({ recordingId }) => recordingId);
  expect(ids.sort()).toEqual(["a", "b", "c"]);
  expect(second.json.cursor).toBeUndefined();
});

test("refuses a limit of 0 and a cursor that it did not give", async () => {
  const handler = createHandler(perTenant(() => ({ recordings: memoryRecordingStore() })));
  expect((await call(handler, "GET /recordings", { query: { limit: 0 } })).status).toBe(400);
  expect((await call(handler, "GET /recordings", { query: { cursor: "?" } })).status).toBe(400);
});
