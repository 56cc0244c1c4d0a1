import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { App } from "aws-cdk-lib";
import { MANIFEST } from "../../functions/manifest.ts";
import { runCommand, say } from "../command/command-line.ts";
import { failure, wrongUse } from "../command/failure.ts";
import { readAccount } from "./preflight/account.ts";
import { readCdkArguments } from "./preflight/cdk-arguments.ts";
import { demandOf, judge } from "./preflight/concurrency.ts";
import { readSettings, type Settings, SettingsError } from "./settings.ts";

/*
 * `npm run deploy`: checks that the account has room for the functions that the stack wants to run at once,
 * and then runs `cdk deploy` with the same arguments. CloudFormation would find out halfway, and roll
 * everything back.
 */

const ROOT = resolve(import.meta.dirname, "../..");

const settingsOf = (context: Readonly<Record<string, string>>): Settings => {
  const own = JSON.parse(readFileSync(join(ROOT, "cdk.json"), "utf8")).context;
  try {
    return readSettings(new App({ context: { ...own, ...context } }).node);
  } catch (error) {
    if (error instanceof SettingsError) throw wrongUse(error.message);
    throw error;
  }
};

const lookAtAccount = async (settings: Settings): Promise<void> => {
  const demand = demandOf(MANIFEST, settings);
  const client = new LambdaClient({ maxAttempts: 2 });
  const account = await readAccount(client, [...demand.reserved.keys()]).catch((error: Error) => {
    say(`backtrack: the account's concurrency limit could not be read (${error.message}); deploying anyway`);
    return undefined;
  });
  client.destroy();
  if (!account) return;
  const { refusal, warning } = judge(account.limits, demand, account.held);
  if (refusal) throw failure(refusal);
  if (warning) say(`backtrack: ${warning}`);
};

const deploy = (argv: readonly string[]): Promise<number> =>
  new Promise((done, reject) => {
    const cdk = join(ROOT, "node_modules/aws-cdk/bin/cdk");
    const child = spawn(process.execPath, [cdk, "deploy", ...argv], { cwd: ROOT, stdio: "inherit" });
    child.once("error", reject);
    child.once("exit", (code, signal) => done(signal ? 1 : (code ?? 1)));
  });

await runCommand(async () => {
  const argv = process.argv.slice(2);
  const { context, profile } = readCdkArguments(argv);
  if (profile !== undefined) process.env.AWS_PROFILE = profile;
  if (!argv.some((argument) => argument === "--help" || argument === "-h")) {
    await lookAtAccount(settingsOf(context));
  }
  process.exitCode = await deploy(argv);
});
