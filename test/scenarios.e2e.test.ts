import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Stack, startStack } from "../infra/local/stack/stack.ts";
import type { Home } from "./scenarios/home.ts";
import { importing } from "./scenarios/importing.ts";
import { localHome } from "./scenarios/local-home.ts";
import { quarantine } from "./scenarios/quarantine.ts";
import { redriving } from "./scenarios/redriving.ts";
import { replaying } from "./scenarios/replaying.ts";
import { scheduling } from "./scenarios/scheduling.ts";
import { speedTasks } from "./scenarios/speed-tasks.ts";
import { temporaryFolder } from "./stack-process.ts";

/*
 * The scenarios at home on this machine. Those of keys are in access.e2e.test.ts, and a whole drive is in
 * main-road.e2e.test.ts, each with a stack of its own; test/openfaas/ runs all of them self-hosted.
 */

const folder = temporaryFolder();
let stack: Stack;
let local: Home;
beforeAll(async () => {
  stack = await startStack({ registryPath: folder.stackFile, say: () => {} });
  local = localHome({ address: stack.address, stackFile: folder.stackFile });
});
afterAll(async () => {
  await stack?.stop();
  folder.remove();
});

describe("importing", () => importing(() => local));
describe("replaying", () => replaying(() => local));
describe("tasks", () => speedTasks(() => local));
describe("schedules", () => scheduling(() => local));
describe("quarantine", () => quarantine(() => local));
describe("redrive", () => {
  redriving(() => local);

  test("a failure prints one line and sets an exit code", async () => {
    expect(await local.redrive("--bucket", "b")).toMatchObject({
      code: 2,
      stderr: "backtrack: --bucket is for a stage on AWS: name it with --stage\n",
    });
  });
});
