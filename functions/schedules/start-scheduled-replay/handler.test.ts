import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { memoryRecordingStore } from "../../../lib/adapters/memory/recording-store.ts";
import { memoryReplayStore } from "../../../lib/adapters/memory/replay-store.ts";
import { memoryWorkflowStarter } from "../../../lib/adapters/memory/workflow-starter.ts";
import { perTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { claimPorts } from "../../../test/claims.ts";
import { lambdaContext } from "../../../test/http-event.ts";
import { RECORDING } from "../../../test/samples.ts";
import { createHandler } from "./handler.ts";

const event = JSON.parse(
  readFileSync(new URL("../../../events/start-scheduled-replay/nightly.json", import.meta.url), "utf8"),
);

const setUp = async () => {
  const recordings = memoryRecordingStore();
  await recordings.put({ ...RECORDING, recordingId: event.replay.recordingId });
  const [replays, workflows] = [memoryReplayStore(), memoryWorkflowStarter()];
  const handler = createHandler(
    perTenant(() => ({
      recordings,
      replays,
      workflows,
      ...claimPorts(),
      now: () => 1_795_176_000_000,
    })),
  );
  return { replays, workflows, start: (input: unknown) => handler(input, lambdaContext()) };
};

test("an event delivered twice starts one replay", async () => {
  const { start, replays, workflows } = await setUp();
  const replayId = "nightly-20261120T020000Z";
  expect(await start(event)).toEqual({ replayId, status: "playing" });
  expect(await start(event)).toEqual({ replayId, status: "playing" });
  expect(await replays.get(replayId)).toMatchObject({ clock: { rate: 2 }, sources: [{ deviceId: "van-7" }] });
  expect(workflows.started).toHaveLength(1);
});

test("an event of another shape is refused by name", async () => {
  const { start } = await setUp();
  await expect(start({ ...event, replay: { ...event.replay, rate: -1 } })).rejects.toMatchObject({
    name: "InvalidInputError",
    problems: [{ field: "replay.rate" }],
  });
  await expect(start({ replay: event.replay })).rejects.toMatchObject({ name: "InvalidInputError" });
});

test("finding 19: a run whose recording was deleted is refused, and is no failure of ours", async () => {
  const { start, workflows } = await setUp();
  const gone = { ...event, replay: { ...event.replay, recordingId: "gone" } };
  expect(await start(gone)).toMatchObject({ schedule: "nightly", refused: { Error: "NotFoundError" } });
  expect(workflows.started).toEqual([]);
});
