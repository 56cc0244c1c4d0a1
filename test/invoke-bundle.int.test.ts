import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MANIFEST } from "../functions/manifest.ts";
import { bundleEnvironment, invokeBundle } from "../infra/local/invoke/invoke-bundle.ts";
import { runBundle } from "../infra/local/invoke/run-bundle.ts";
import { readEvent } from "../infra/local/invoke/sample-events.ts";
import { makeSampleWorld } from "../infra/local/invoke/sample-world.ts";
import { type Stack, startStack } from "../infra/local/stack/stack.ts";
import { playSampleAtOnce } from "../infra/local/start/play-sample.ts";
import { runCommand } from "./stack-process.ts";

/* `npm run invoke -- --bundle`: the bundle in its own process shows what packaging breaks. */

const folder = mkdtempSync(join(tmpdir(), "backtrack-invoke-"));
const stackFile = join(folder, "stack.json");
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ say: () => {}, registryPath: stackFile });
  await playSampleAtOnce(stack.address);
  await makeSampleWorld(stack.address);
});
afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test.each([
  ["get-health", { statusCode: 200 }],
  ["compute-average-speed", { status: "DONE" }],
  ["check-recording-file", { name: ".example-file-to-import.csv" }],
  ["put-replay-schedule", { statusCode: 201 }],
])("runs the bundle of %s", async (functionName, answer) => {
  expect(await invokeBundle(functionName, readEvent(functionName), stack.address)).toMatchObject(answer);
});

test("runs the same through the command, which leaves no key behind", async () => {
  const command = runCommand("invoke", ["--bundle", "get-device"], { stackFile });
  expect(await command.ended()).toEqual({ code: 0, signal: null });
  expect(JSON.parse(command.stdout())).toMatchObject({
    statusCode: 200,
    body: expect.stringContaining('"deviceId":"demo"'),
  });
  expect(command.stderr()).toContain("the bundle requires keys, as on AWS, and the event has none");
  const keys = runCommand("keys", ["list", "--json"], { stackFile });
  await keys.ended();
  expect(JSON.parse(keys.stdout())).toEqual([]);
});

describe("a bundle that does not run", () => {
  const [definition] = MANIFEST.filter(({ name }) => name === "get-device");
  const runFile = (code: string) => {
    writeFileSync(join(folder, "index.js"), code);
    return runBundle({ definition, folder }, bundleEnvironment(definition, stack.address), {});
  };

  test.each([
    [
      "a module that is missing",
      'require("left-out")',
      /would not start: Error: Cannot find module 'left-out'/,
    ],
    ["no handler", "exports.other = 1", /would not start: TypeError: the bundle exports no function handler/],
    [
      "a variable that the definition forgot",
      'if (!process.env.FORGOTTEN) throw new Error("FORGOTTEN is not set")',
      /get-device would not start: Error: FORGOTTEN is not set/,
    ],
  ])("is reported: %s", async (_, code, message) => {
    await expect(runFile(code)).rejects.toMatchObject({
      name: "CommandFailure",
      message: expect.stringMatching(message),
    });
  });

  test("reports a function that fails and a process that ends", async () => {
    const failing = 'exports.handler = async () => { throw new RangeError("too far"); }';
    await expect(runFile(failing)).rejects.toMatchObject({ name: "RangeError", message: "too far" });
    await expect(runFile("exports.handler = () => process.exit(3)")).rejects.toMatchObject({
      name: "Runtime.ExitError",
      message: expect.stringContaining("3"),
    });
  });
});
