import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { Command } from "commander";
import { SCOPES } from "../../../lib/core/access/api-key.ts";
import { checkedBy, parseArguments, runCommand, say } from "../../command/command-line.ts";
import { failure } from "../../command/failure.ts";
import type { Template } from "../merge-nested.ts";
import { EMULATED_CREDENTIALS, EMULATED_REGION } from "./aws-client.ts";
import { type Emulator, NoEmulatorError, startEmulator } from "./emulator.ts";
import { smokeTest } from "./smoke-test.ts";

/*
 * `npm run deploy:emulated`: deploys the app with `cdk deploy` into an emulator of AWS on this machine, then
 * runs a smoke test of it. No account, no Docker.
 */

const ROOT = resolve(import.meta.dirname, "../../..");
const FOLDER = join(ROOT, ".backtrack", "emulator");
const STACK = "backtrack-dev";
const ACCOUNT = "000000000000";
const SEARCH_PATH = process.env.PATH ?? "";
/** It takes two minutes of a machine that has nothing else to do. */
const CDK_TIMEOUT_MS = 600_000;

interface Options {
  readonly endpoint?: URL;
}

const main = async (): Promise<void> => {
  const options = readOptions();
  const started = options.endpoint ? undefined : await startOrSkip();
  const endpoint = options.endpoint ?? started?.endpoint;
  if (!endpoint) return;
  const stopAndLeave = (): void => void started?.stop().finally(() => process.exit(130));
  process.once("SIGINT", stopAndLeave);
  process.once("SIGTERM", stopAndLeave);
  try {
    await deployAndTry(endpoint);
  } catch (error) {
    const hint = started ? ` (the emulator's log: ${started.logFile})` : "";
    throw failure(`${error instanceof Error ? error.message : error}${hint}`, error);
  } finally {
    await started?.stop();
  }
};

const readOptions = (): Options => {
  const command = new Command("npm run deploy:emulated --")
    .description("Deploys the app into an emulator of AWS on this machine and tests it.")
    .option(
      "--endpoint <url>",
      "an emulator that is already running, instead of one from PyPI",
      checkedBy((text) => new URL(text)),
    );
  return parseArguments(command, process.argv.slice(2)).opts<Options>();
};

const startOrSkip = async (): Promise<Emulator | undefined> => {
  try {
    return await startEmulator(FOLDER, SEARCH_PATH);
  } catch (error) {
    if (!(error instanceof NoEmulatorError)) throw error;
    say(`deploy:emulated: skipped, because ${error.message}`);
    return undefined;
  }
};

const deployAndTry = async (endpoint: URL): Promise<void> => {
  const startedAtMs = Date.now();
  const report = (line: string): void =>
    say(`${((Date.now() - startedAtMs) / 1000).toFixed(1).padStart(6)} s  ${line}`);
  report(`the emulator is at ${endpoint.origin}`);
  const outputs = await deploy(endpoint, report);
  const output = (name: string): string => {
    const value = outputs[name];
    if (value === undefined) throw new Error(`the stack has no output ${name}`);
    return value;
  };
  const [apiId] = new URL(output("ApiAddress")).hostname.split(".");
  const apiHost = `${apiId}.execute-api.${endpoint.host}`;
  const apiKey = await createKey(endpoint);
  report("npm run keys -- create, which finds the stage's table by itself");
  await smokeTest(
    {
      endpoint,
      apiHost,
      streamName: output("PositionsStream"),
      recordingsBucket: output("RecordingsBucket"),
      apiKey,
    },
    report,
  );
};

const createKey = async (endpoint: URL): Promise<string> => {
  const command = ["--import", "./infra/require-node.js", "infra/keys/keys.ts", "create"];
  const options = ["--stage", "dev", "--name", "smoke test", "--scope", SCOPES.join(","), "--expires", "1h"];
  const { stdout } = await promisify(execFile)(process.execPath, [...command, ...options], {
    cwd: ROOT,
    env: environmentFor(endpoint),
  });
  return stdout.trim();
};

/** The emulator instead of AWS, whatever account this shell is logged in to. */
const environmentFor = (endpoint: URL): Record<string, string> => ({
  PATH: [dirname(process.execPath), SEARCH_PATH].join(delimiter),
  HOME: FOLDER,
  AWS_ENDPOINT_URL: endpoint.origin,
  AWS_REGION: EMULATED_REGION,
  AWS_ACCESS_KEY_ID: EMULATED_CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: EMULATED_CREDENTIALS.secretAccessKey,
});

/** Returns the stack's outputs. */
const deploy = async (endpoint: URL, report: (line: string) => void): Promise<Record<string, string>> => {
  const outputsFile = join(FOLDER, "outputs.json");
  await mkdir(FOLDER, { recursive: true });
  await cdk(endpoint, "bootstrap", `aws://${ACCOUNT}/${EMULATED_REGION}`);
  report("cdk bootstrap");
  const assembly = join(FOLDER, "cdk.out");
  await cdk(endpoint, "synth", "--quiet", "--output", assembly);
  const templates = (await readdir(assembly)).filter((file) => file.endsWith(".template.json"));
  let left = 0;
  for (const file of templates) left += await leaveOutExpressions(join(assembly, file));
  const options = ["--require-approval", "never", "--outputs-file", outputsFile];
  await cdk(endpoint, "deploy", "--app", assembly, ...options);
  report(
    `cdk deploy of ${templates.length} stacks: the whole app except ${left} alarms on expressions, which the emulator does not support`,
  );
  return JSON.parse(await readFile(outputsFile, "utf8"))[STACK];
};

/**
 * Removes alarms on expressions from a template: MiniStack refuses them, and never raises an alarm. Returns
 * how many.
 */
const leaveOutExpressions = async (templateFile: string): Promise<number> => {
  const { Resources, ...template }: Template = JSON.parse(await readFile(templateFile, "utf8"));
  const kept = Object.entries(Resources).filter(
    ([, { Type, Properties }]) => Type !== "AWS::CloudWatch::Alarm" || Properties?.Metrics === undefined,
  );
  await writeFile(templateFile, JSON.stringify({ ...template, Resources: Object.fromEntries(kept) }));
  return Object.keys(Resources).length - kept.length;
};

/** Runs the CDK's command line. */
const cdk = async (endpoint: URL, ...args: string[]): Promise<void> => {
  const command = join(ROOT, "node_modules", "aws-cdk", "bin", "cdk");
  try {
    await promisify(execFile)(process.execPath, [command, ...args, "--ci"], {
      cwd: ROOT,
      timeout: CDK_TIMEOUT_MS,
      maxBuffer: 64 * 1024 * 1024,
      env: environmentFor(endpoint),
    });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    const lines = `${stdout}\n${stderr}`.trim().split("\n").slice(-20).join("\n");
    throw new Error(`cdk ${args[0]} failed:\n${lines}`, { cause: error });
  }
};

await runCommand(main);
