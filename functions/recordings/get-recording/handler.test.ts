import { expect, test } from "vitest";
import { memoryRecordingStore } from "../../../lib/adapters/memory/recording-store.ts";
import { perTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { call } from "../../../test/http-event.ts";
import { RECORDING } from "../../../test/samples.ts";
import { createHandler } from "./handler.ts";

const ROUTE = "GET /recordings/{recordingId}";

test("answers a recording", async () => {
  const recordings = memoryRecordingStore();
  await recordings.put(RECORDING);
  const answer = await call(
    createHandler(() => ({ recordings })),
    ROUTE,
    { path: { recordingId: "drive" } },
  );
  expect(answer.status).toBe(200);
  expect(answer.json).toMatchObject({ recordingId: "drive", positionCount: 1_316, durationSeconds: 1_443 });
});

test("answers 404 for one that does not exist", async () => {
  const handler = createHandler(perTenant(() => ({ recordings: memoryRecordingStore() })));
  const answer = await call(handler, ROUTE, { path: { recordingId: "none" } });
  expect(answer.status).toBe(404);
  expect(answer.json.detail).toBe("recording none does not exist");
});
