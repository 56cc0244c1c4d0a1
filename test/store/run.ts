import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { Command } from "commander";
import { checkedBy, parseArguments, runCommand, say } from "../../infra/command/command-line.ts";
import { failure } from "../../infra/command/failure.ts";
import { checkStoreUrl } from "../../infra/command/target.ts";
import { openStore, storeFailure } from "../../infra/store/address.ts";
import { ROOT } from "../stack-process.ts";

/*
 * `npm run test:store -- URL`: whether a store does what Backtrack relies on. Runs the contract suites of
 * everything that is kept in DynamoDB, in tables of their own that are removed afterwards. Exit code 0: the
 * store can be used; 1: it can't; 2: wrong use.
 */

interface Suite {
  readonly name: string;
  readonly passed: number;
  readonly failed: readonly string[];
}

interface Assertion {
  readonly ancestorTitles: readonly string[];
  readonly title: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
}

const command = new Command("npm run test:store --")
  .description(
    "Tells whether a store can be used: runs the contract suites of every port that is kept in DynamoDB's API.\n" +
      "It makes tables with a name of their own, test-..., and removes them. The access key is in AWS_ACCESS_KEY_ID and\n" +
      "AWS_SECRET_ACCESS_KEY, or in the file AWS_SHARED_CREDENTIALS_FILE.",
  )
  .argument("<url>", "where the store is: http://host:8000", checkedBy(checkStoreUrl));

/** In one line each, before the suites fail one by one. */
const checkReachable = async (url: string): Promise<void> => {
  const store = openStore({ store: url, tablePrefix: "" });
  try {
    await store.client.send(new ListTablesCommand({ Limit: 1 }));
  } catch (error) {
    throw storeFailure(error, url);
  } finally {
    store.close();
  }
};

const suitesIn = (path: string): Suite[] => {
  const { testResults } = JSON.parse(readFileSync(path, "utf8")) as {
    readonly testResults: readonly {
      readonly assertionResults: readonly Assertion[];
      readonly message?: string;
    }[];
  };
  const suites = new Map<string, Assertion[]>();
  for (const assertion of testResults.flatMap(({ assertionResults }) => assertionResults)) {
    const name = assertion.ancestorTitles[0] ?? "";
    suites.set(name, [...(suites.get(name) ?? []), assertion]);
  }
  return [...suites].map(([name, assertions]) => ({
    name,
    passed: assertions.filter(({ status }) => status === "passed").length,
    failed: assertions
      .filter(({ status }) => status === "failed")
      .map(({ title, failureMessages }) => `${title}: ${failureMessages[0]?.split("\n")[0] ?? ""}`),
  }));
};

const report = (suites: readonly Suite[]): string => {
  const width = Math.max(...suites.map(({ name }) => name.length));
  return suites
    .flatMap(({ name, passed, failed }) => [
      `${name.padEnd(width)}  ${String(passed).padStart(3)} passed${failed.length > 0 ? `  ${failed.length} FAILED` : ""}`,
      ...failed.map((each) => `    ${each}`),
    ])
    .join("\n");
};

const runSuites = async (url: string, path: string): Promise<void> => {
  const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
  const child: ChildProcess = spawn(
    process.execPath,
    [vitest, "run", "--project", "store", "--reporter=json", `--outputFile=${path}`],
    {
      cwd: ROOT,
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, STORE_URL: url, STORE_TEST_PREFIX: `test-${randomUUID().slice(0, 8)}-` },
    },
  );
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => child.kill(signal));
  await once(child, "exit");
};

const main = async (): Promise<void> => {
  const [url] = parseArguments(command, process.argv.slice(2)).processedArgs as [string];
  await checkReachable(url);
  say(`backtrack: testing ${url}; this takes a minute or so`);
  const folder = mkdtempSync(join(tmpdir(), "backtrack-test-store-"));
  try {
    const path = join(folder, "results.json");
    await runSuites(url, path);
    const suites = suitesIn(path);
    if (suites.length === 0) throw failure("the suites did not run");
    process.stdout.write(`${report(suites)}\n`);
    const failures = suites.reduce((count, { failed }) => count + failed.length, 0);
    const all = suites.reduce((count, { passed }) => count + passed, failures);
    if (failures > 0) throw failure(`${url} can't be used: ${failures} of ${all} tests failed`);
    process.stdout.write(`all ${all} tests passed: ${url} can be used\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

await runCommand(main);
