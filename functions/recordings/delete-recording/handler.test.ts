import { expect, test } from "vitest";
import { memoryRecordingStore } from "../../../lib/adapters/memory/recording-store.ts";
import { memoryReplayStore } from "../../../lib/adapters/memory/replay-store.ts";
import { memoryTrackStore } from "../../../lib/adapters/memory/track-store.ts";
import { admitReplay, leavePlace } from "../../../lib/core/replay/active-replays.ts";
import { perTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { claimPorts } from "../../../test/claims.ts";
import { call } from "../../../test/http-event.ts";
import { replayOf } from "../../../test/replay-simulation.ts";
import { RECORDING } from "../../../test/samples.ts";
import { createHandler } from "./handler.ts";

const ROUTE = "DELETE /recordings/{recordingId}";

test("deletes a recording once, and not while a replay plays it", async () => {
  const recordings = memoryRecordingStore();
  const replays = memoryReplayStore();
  const { claims, limits } = claimPorts();
  const handler = createHandler(
    perTenant(() => ({
      recordings,
      replays,
      claims,
      tracks: memoryTrackStore(),
      now: () => 0,
    })),
  );
  const path = { recordingId: "recording" };
  await recordings.put({ ...RECORDING, ...path });
  await admitReplay({ replays, claims, now: () => 0 }, replayOf([0, 1_000]), limits);
  await replays.save(replayOf([0, 1_000]));
  expect((await call(handler, ROUTE, { path })).status).toBe(409);
  await replays.remove("replay");
  await leavePlace({ claims, now: () => 0 }, "replay");
  const deleted = await call(handler, ROUTE, { path });
  expect(deleted).toMatchObject({ status: 204, text: "" });
  expect((await call(handler, ROUTE, { path })).status).toBe(404);
});
