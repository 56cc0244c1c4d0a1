import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { MANIFEST } from "../../functions/manifest.ts";
import { invokeDeployed, variablesFrom } from "../../infra/local/invoke/invoke-deployed.ts";
import { readEvent } from "../../infra/local/invoke/sample-events.ts";
import { makeSampleWorld } from "../../infra/local/invoke/sample-world.ts";
import { deployedFunction, readTemplate } from "../../infra/local/invoke/template.ts";
import { environmentOf } from "../../infra/local/names.ts";
import { type Stack, startStack } from "../../infra/local/stack/stack.ts";
import { playSampleAtOnce } from "../../infra/local/start/play-sample.ts";
import { runCommand } from "../stack-process.ts";
import type { Template } from "./synthesize.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);
const output = mkdtempSync(join(tmpdir(), "backtrack-synth-"));
const templateFile = join(output, "backtrack-dev.template.json");

/** Runs the `cdk` of this project as a user would, without an account. */
const cdk = (...args: string[]): Promise<{ stdout: string; stderr: string }> =>
  run(process.execPath, [join(ROOT, "node_modules/aws-cdk/bin/cdk"), ...args], {
    cwd: ROOT,
    env: { PATH: `${join(ROOT, "node_modules/.bin")}:${process.env.PATH}`, HOME: output, CI: "true" },
  });

beforeAll(async () => {
  await cdk("synth", "--quiet", "--output", output);
});

afterAll(() => rmSync(output, { recursive: true, force: true }));

test("cdk synth makes a bundle of every function that starts with its environment", () => {
  const template: Template = JSON.parse(readFileSync(templateFile, "utf8"));
  const lambdas = Object.values(template.Resources).filter(({ Type }) => Type === "AWS::Lambda::Function");
  expect(lambdas).toHaveLength(MANIFEST.length);
  for (const { Properties, Metadata } of lambdas) {
    const folder = join(output, Metadata?.["aws:asset:path"] ?? "");
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(["index.js", "index.js.map"]));
    for (const [name, value] of Object.entries(Properties.Environment.Variables)) {
      vi.stubEnv(name, typeof value === "string" ? value : "deployed");
    }
    // As in Lambda, no package.json says what kind of module it is.
    const { handler } = createRequire(join(folder, "index.js"))("./index.js");
    expect(handler, Properties.FunctionName).toBeTypeOf("function");
    vi.unstubAllEnvs();
  }
});

test("a wrong option ends the synthesis with one sentence that names it", async () => {
  const refused = await cdk("synth", "--quiet", "--output", output, "-c", "stage=Prod").catch(
    (error) => error,
  );
  expect(refused.stderr).toContain("backtrack: context stage=Prod is not valid: it must be up to 20 of");
  expect(refused.stderr).not.toMatch(/^\s+at /m);
});

describe("npm run invoke -- --template", () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ say: () => {}, registryPath: join(output, "stack.json") });
    await playSampleAtOnce(stack.address);
    await makeSampleWorld(stack.address);
  });
  afterAll(() => stack?.stop());

  const invoke = (functionName: string, file = templateFile) =>
    invokeDeployed(readTemplate(file), functionName, readEvent(functionName), stack.address);

  /** The template after a change to one function's variables. */
  const templateWith = (functionName: string, change: (variables: Record<string, unknown>) => void) => {
    const template: Template = JSON.parse(readFileSync(templateFile, "utf8"));
    const changed = Object.values(template.Resources).find(
      ({ Properties }) => Properties?.FunctionName === `backtrack-dev-${functionName}`,
    );
    change(changed?.Properties.Environment.Variables);
    const file = join(output, "changed.template.json");
    writeFileSync(file, JSON.stringify(template));
    return file;
  };

  test.each(MANIFEST)("gives $name the variables that it has in the local stack", (definition) => {
    const template = readTemplate(templateFile);
    const { NODE_OPTIONS, POWERTOOLS_LOG_LEVEL, POWERTOOLS_SERVICE_NAME, ...variables } = variablesFrom(
      template,
      deployedFunction(template, definition.name),
      { inboxFolder: "/inbox" },
    );
    const handedOn = /^arn:aws:(iam|sqs|kms):/;
    const named = (all: Record<string, string>) =>
      Object.fromEntries(
        Object.entries(all).map(([name, value]) => [name, value.match(handedOn)?.[0] ?? value]),
      );
    const local = environmentOf(definition, { access: "keys", buckets: { recordings: "file:///inbox" } });
    expect(named(variables)).toEqual(named(local));
    expect({ NODE_OPTIONS, POWERTOOLS_LOG_LEVEL, POWERTOOLS_SERVICE_NAME }).toEqual({
      NODE_OPTIONS: "--enable-source-maps",
      POWERTOOLS_LOG_LEVEL: "INFO",
      POWERTOOLS_SERVICE_NAME: "backtrack-dev",
    });
  });

  test.each([
    ["get-health", { statusCode: 200 }],
    ["get-device", { statusCode: 200, body: expect.stringContaining('"deviceId":"demo"') }],
    ["compute-average-speed", { status: "DONE" }],
    ["check-recording-file", { name: ".example-file-to-import.csv" }],
    ["put-replay-schedule", { statusCode: 201 }],
  ])("runs the bundle of %s", async (functionName, answer) => {
    expect(await invoke(functionName)).toMatchObject(answer);
  });

  test("is the same by the command, which leaves no key behind", async () => {
    const command = runCommand("invoke", ["--template", templateFile, "get-device"], {
      stackFile: join(output, "stack.json"),
    });
    expect(await command.ended()).toEqual({ code: 0, signal: null });
    expect(JSON.parse(command.stdout())).toMatchObject({ statusCode: 200 });
    expect(command.stderr()).toContain("the template asks for keys and the event has none");
    const keys = runCommand("keys", ["list", "--json"], { stackFile: join(output, "stack.json") });
    await keys.ended();
    expect(JSON.parse(keys.stdout())).toEqual([]);
  });

  test("names a variable that is missing", async () => {
    const file = templateWith("get-device", (variables) => {
      delete variables.DEVICES_TABLE;
    });
    await expect(invoke("get-device", file)).rejects.toMatchObject({
      name: "CommandFailure",
      message:
        "get-device would not start: MisconfiguredError: function get-device: environment variable DEVICES_TABLE is not set",
    });
  });

  test.each([
    [{ Ref: "NoSuchTable" }, "NoSuchTable, which the template does not have"],
    [{ Ref: "AWS::StackId" }, "AWS::StackId, which the local stack does not have"],
    [{ "Fn::ImportValue": "table" }, '{"Fn::ImportValue":"table"}, which only CloudFormation can work out'],
    [
      { "Fn::Join": [":", ["arn:aws:states", { Ref: "AWS::Region" }, "0:stateMachine:no-such-workflow"]] },
      "state machine no-such-workflow, which the template does not have",
    ],
  ])("names a variable that refers to nothing: %j", async (value, reason) => {
    const file = templateWith("get-device", (variables) => {
      variables.DEVICES_TABLE = value;
    });
    await expect(invoke("get-device", file)).rejects.toMatchObject({
      name: "CommandFailure",
      message: `get-device: DEVICES_TABLE refers to ${reason}`,
    });
  });

  test("says how to make a template that is not there", async () => {
    const file = join(output, "missing.template.json");
    const command = runCommand("invoke", ["--template", file, "get-health"], {
      stackFile: join(output, "stack.json"),
    });
    expect(await command.ended()).toMatchObject({ code: 1 });
    expect(command.stderr()).toBe(`backtrack: there is no template ${file}; \`npm run synth\` makes one\n`);
  });
});
