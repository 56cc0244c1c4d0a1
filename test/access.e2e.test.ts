import { afterAll, beforeAll, expect, test } from "vitest";
import { readStackFile } from "../infra/local/stack/stack-file.ts";
import type { Home, Ran } from "./scenarios/home.ts";
import { keyHolders } from "./scenarios/key-holders.ts";
import { localHome } from "./scenarios/local-home.ts";
import { runCommand, type StackProcess, startStackProcess, temporaryFolder } from "./stack-process.ts";

/*
 * `npm start -- --auth` and `npm run keys`, as people use them: a start, keys for other people, and a second
 * start on the same data.
 */

const folder = temporaryFolder();
let stack: StackProcess;
let firstKey: string;
let home: Home;

const start = (): Promise<StackProcess> =>
  startStackProcess(["--auth", "--data", folder.path("data")], folder);
const stop = async (): Promise<void> => {
  stack.child.kill("SIGINT");
  await stack.ended();
};
const shownKey = (): string => /once: (bt_\w+)/.exec(stack.stdout())?.[1] ?? "";

beforeAll(async () => {
  stack = await start();
  firstKey = shownKey();
  const { address } = (await readStackFile(folder.stackFile)) ?? {};
  if (!address) throw new Error("the stack did not say where it is");
  home = localHome({ address, stackFile: folder.stackFile, key: firstKey });
});
afterAll(async () => {
  await stop();
  folder.remove();
});

const keys = (...args: string[]): Promise<Ran> => home.keys(...args);

const status = async (path: string, init?: RequestInit): Promise<number> =>
  (await fetch(new URL(path, stack.apiUrl), init)).status;
const withKey = (key: string): RequestInit => ({ headers: { authorization: `Bearer ${key}` } });

test("the first key is printed, and is in every suggested command; without it the API answers nothing", async () => {
  const lines = [...stack.stdout().matchAll(/curl '(\S+)' -H 'authorization: Bearer (\w+)'/g)];
  expect(lines).toHaveLength(3);
  for (const [, url, key] of lines) {
    expect(key).toBe(firstKey);
    expect(await status(url, withKey(key))).toBe(200);
    expect(await status(url)).toBe(401);
  }
  expect(await status("/healthz")).toBe(200);
});

test("finding 25: invoke creates a key for the one call with a sample event, and says so", async () => {
  const command = runCommand("invoke", ["list-devices"], folder);
  expect((await command.ended()).code).toBe(0);
  expect(JSON.parse(command.stdout())).toMatchObject({ statusCode: 200 });
  expect(command.stderr()).toContain("the stack requires keys and the event has none");
});

test("the start leaves no internal key behind", async () => {
  const { stdout, code } = await keys("list", "--json");
  expect(code).toBe(0);
  const listed = JSON.parse(stdout);
  expect(listed).toMatchObject([{ keyId: firstKey.split("_")[1], scopes: ["ingest", "read", "control"] }]);
});

keyHolders(() => home);

test("a command that fails prints one line and sets an exit code", async () => {
  const wrong = await keys("create", "--name", "x", "--scope", "read", "--device-prefix", "a b");
  expect(wrong).toMatchObject({ code: 2 });
  expect(wrong.stderr).toBe(
    "backtrack: device prefix must be the beginning of a device id: A-Z a-z 0-9 . _ : @ -\n",
  );
  const nowhere = runCommand("keys", ["list"], { stackFile: folder.path("none.json") });
  expect(await nowhere.ended()).toMatchObject({ code: 1 });
  expect(nowhere.stderr()).toMatch(/^backtrack: no stack is running here[^\n]*\n$/);
});

test("keys in the data folder outlive the stack, and none is printed a second time", async () => {
  await stop();
  stack = await start();
  expect(shownKey()).toBe("");
  expect(stack.stdout()).toContain("has some from an earlier start");
  expect(await status("/devices/demo", withKey(firstKey))).toBe(200);
  expect(JSON.parse((await keys("list", "--json")).stdout)).toHaveLength(1);
});
