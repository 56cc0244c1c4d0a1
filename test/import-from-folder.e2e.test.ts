import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Stack, startStack } from "../infra/local/stack/stack.ts";
import { SAMPLE } from "../infra/local/start/sample.ts";
import { type Client, clientOf } from "./api-client.ts";
import { ONLY_THOROUGH } from "./property-runs.ts";
import { temporaryFolder, until } from "./stack-process.ts";
import { unless } from "./unless.ts";

/* Files in a real stack's inbox: the watcher, the workflow, its functions, and what the API answers. */

const folder = temporaryFolder();
const dataFolder = folder.path("data");
let stack: Stack;
let client: Client;
const start = async (): Promise<void> => {
  stack = await startStack({ dataFolder, say: () => {} });
  client = clientOf(stack.address.apiUrl);
};
beforeAll(start);
afterAll(async () => {
  await stack?.stop();
  folder.remove();
});

/** The parts that the tests read. */
interface TaskAnswer {
  readonly taskId: string;
  readonly status: string;
  readonly reason?: string;
  readonly file: { readonly key: string };
  readonly result?: {
    readonly recordingId: string;
    readonly positionCount: number;
    readonly created: boolean;
  };
  readonly links?: { readonly recording: string };
}

const imports = async (): Promise<readonly TaskAnswer[]> =>
  (await client.get<{ tasks: TaskAnswer[] }>("/tasks?kind=import")).tasks;
const importOf = (key: string): Promise<TaskAnswer | undefined> =>
  until(
    async () => (await imports()).find(({ file }) => file.key === key),
    (task) => task !== undefined && task.status !== "REQUESTED",
  );

test("a file becomes a recording that can be replayed, and a bad one says what is wrong with it", async () => {
  mkdirSync(join(dataFolder, "inbox", "fleet"), { recursive: true });
  copyFileSync(SAMPLE.path, join(dataFolder, "inbox", "fleet", "van 7.csv"));
  writeFileSync(join(dataFolder, "inbox", "bad.csv"), "time,place\n1,2\n");

  const good = await importOf("fleet/van 7.csv");
  expect(good).toMatchObject({ status: "DONE", result: { created: true, rejectedRowCount: 0 } });
  const recording = await client.get<{ name: string; positionCount: number }>(good?.links?.recording ?? "");
  expect(recording).toMatchObject({ name: "van 7.csv", positionCount: good?.result?.positionCount });
  const { recordingId } = good?.result ?? {};
  const replay = await client.call<{ status: string }>("POST", "/replays", { recordingId, rate: 1_000 });
  expect(replay.status).toBe(201);

  const bad = await importOf("bad.csv");
  expect(bad).toMatchObject({
    status: "FAILED",
    reason: expect.stringMatching(
      /^InvalidInputError: the header has no column timestamp, latitude, longitude/,
    ),
  });
  expect(await client.get(`/tasks/${bad?.taskId}`)).toEqual(bad);
  const { recordings } = await client.get<{ recordings: unknown[] }>("/recordings");
  expect(recordings).toHaveLength(1);
});

test(
  "after a restart imported files are not imported again, but a new version is",
  unless(ONLY_THOROUGH),
  async () => {
    const before = await imports();
    await stack.stop();
    await start();
    writeFileSync(
      join(dataFolder, "inbox", "bad.csv"),
      "timestamp,latitude,longitude\n1773475200,46.05,14.5\n",
    );
    await until(imports, (tasks) => tasks.filter(({ status }) => status === "DONE").length === 2);
    const after = await imports();
    expect(after).toHaveLength(before.length + 1);
    expect(after).toEqual(expect.arrayContaining([...before]));
  },
);
