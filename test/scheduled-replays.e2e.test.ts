import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Stack, startStack } from "../infra/local/stack/stack.ts";
import { SAMPLE } from "../infra/local/start/sample.ts";
import { clientOf } from "./api-client.ts";
import { ONLY_THOROUGH } from "./property-runs.ts";
import { inSeconds } from "./scenarios/scheduling.ts";
import { temporaryFolder, until } from "./stack-process.ts";
import { unless } from "./unless.ts";

/* Schedules in a real stack, over restarts. What one starts is a scenario. */

const folder = temporaryFolder();
let stack: Stack | undefined;
let recordingId = "";

const start = async (): Promise<void> => {
  stack = await startStack({ dataFolder: folder.path("data"), say: () => {} });
};
const api = async (method: string, path: string, body?: object) => {
  const { status, body: json } = await clientOf(stack?.address.apiUrl ?? "").call<Answered>(
    method,
    path,
    body,
  );
  return { status, json };
};

/** The parts that the tests read. */
interface Answered {
  readonly nextRun: { readonly at: string; readonly replayId: string };
  readonly schedules: readonly { readonly name: string }[];
  readonly progress?: { readonly positionsPublished: number };
}

beforeAll(async () => {
  await start();
  const response = await fetch(`${stack?.address.apiUrl}/recordings?name=drive`, {
    method: "POST",
    headers: { "content-type": "text/csv" },
    body: readFileSync(SAMPLE.path),
  });
  ({ recordingId } = (await response.json()) as { recordingId: string });
});
afterAll(async () => {
  await stack?.stop();
  folder.remove();
});

test(
  "schedules outlive a restart; missed runs are made up for, and deleted schedules stay deleted",
  unless(ONLY_THOROUGH),
  async () => {
    const cron = { cron: "0 3 ? * MON-FRI *", timezone: "Europe/Ljubljana", replay: { recordingId } };
    await api("PUT", "/replay-schedules/nightly", cron);
    await api("PUT", "/replay-schedules/gone", cron);
    const due = await api("PUT", "/replay-schedules/due", {
      at: inSeconds(2),
      replay: { recordingId, deviceId: "due-van", rate: 100 },
    });
    expect((await api("DELETE", "/replay-schedules/gone")).status).toBe(204);
    const before = await api("GET", "/replay-schedules/nightly");
    await stack?.stop();
    stack = undefined;
    await until(Date.now, (now) => now > Date.parse(due.json.nextRun.at));
    await start();

    expect(await api("GET", "/replay-schedules/nightly")).toEqual(before);
    const { json } = await api("GET", "/replay-schedules");
    expect(json.schedules.map(({ name }) => name)).toEqual(["due", "nightly"]);
    await until(
      () => api("GET", `/replays/${due.json.nextRun.replayId}`),
      (answer) => answer.status === 200,
    );
  },
);
