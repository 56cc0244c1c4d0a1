import { beforeEach, expect, test } from "vitest";
import { memoryReplayStore } from "../../../lib/adapters/memory/replay-store.ts";
import { memoryWorkflowStarter } from "../../../lib/adapters/memory/workflow-starter.ts";
import { perTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { claimPorts } from "../../../test/claims.ts";
import { call } from "../../../test/http-event.ts";
import { replayOf, START_MS } from "../../../test/replay-simulation.ts";
import { createHandler } from "./handler.ts";

const ROUTE = "PATCH /replays/{replayId}";
const workflows = memoryWorkflowStarter();
let replays: ReturnType<typeof memoryReplayStore>;
beforeEach(async () => {
  replays = memoryReplayStore();
  await replays.save(replayOf([0, 10_000]));
});
const patch = (body: unknown, replayId = "replay") =>
  call(
    createHandler(perTenant(() => ({ replays, workflows, ...claimPorts(), now: () => START_MS }))),
    ROUTE,
    {
      path: { replayId },
      body,
    },
  );

test("changes rate, pause and place at once", async () => {
  const answer = await patch({ rate: 20, paused: true, seek: 2.5 });
  expect(answer.status).toBe(200);
  expect(answer.json).toMatchObject({ status: "paused", rate: 20, progress: { offsetSeconds: 2.5 } });
});

test("resumes with a new execution", async () => {
  await patch({ paused: true });
  expect((await patch({ paused: false })).json.status).toBe("playing");
  expect(workflows.started.map(({ executionName }) => executionName)).toEqual(["replay-2"]);
});

test("makes both of two changes at once", async () => {
  const answers = await Promise.all([patch({ rate: 3 }), patch({ seek: 5 })]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(await replays.get("replay")).toMatchObject({ clock: { rate: 3 }, nextOffsetMs: 5_000 });
});

test.each<[object, string]>([
  [{}, "body must be an object with at least one field"],
  [{ rate: 0 }, "rate must be a number from 0.01 to 10000"],
  [{ rate: null }, "rate must be"],
  [{ rate: 10_001 }, "rate must be a number from 0.01 to 10000"],
  [{ seek: 10.5 }, "seconds of recorded time, of which the recording has 10"],
  [{ seek: -1 }, "seek must be"],
  [{ seek: "2019-12-24T20:21:30Z" }, "seek must be"],
  [{ paused: "yes" }, "paused must be"],
  [{ status: "paused" }, "status"],
])("refuses %j and changes nothing", async (body, detail) => {
  const before = await replays.get("replay");
  const answer = await patch(body);
  expect(answer.status).toBe(400);
  expect(answer.json.detail).toContain(detail);
  expect(await replays.get("replay")).toEqual(before);
});

test("answers 404 for an unknown replay and 409 for one that has finished", async () => {
  expect((await patch({ rate: 1 }, "none")).status).toBe(404);
  await replays.save({ ...replayOf([0, 1]), replayId: "finished", status: "finished" });
  const answer = await patch({ paused: false }, "finished");
  expect(answer.status).toBe(409);
  expect(answer.json.detail).toBe("replay finished has finished: seek to play it again");
});
