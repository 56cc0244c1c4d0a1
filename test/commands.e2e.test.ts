import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { clientOf } from "./api-client.ts";
import { endChildren } from "./children.ts";
import {
  commandEnvironment,
  isRunning,
  observe,
  processTree,
  ROOT,
  runCommand,
  type StackProcess,
  startStackProcess,
  temporaryFolder,
  until,
  untilReady,
} from "./stack-process.ts";

/* The three commands, as people use them. */

const folder = temporaryFolder();
afterAll(() => folder.remove());
// Also those left by a failed test, which the next one would find.
const endsAfterEach = (): void => {
  afterEach(async () => {
    await endChildren();
  });
};

const allEnded = (processIds: readonly number[]) =>
  until(
    () => processIds.filter(isRunning),
    (left) => left.length === 0,
    { deadlineMs: 5_000 },
  );

describe("npm start", () => {
  endsAfterEach();
  test("without arguments replays the sample in a loop as demo, and the commands it suggests work", async () => {
    const stack = await startStackProcess([], folder);
    const processIds = processTree(stack.child.pid ?? 0);
    expect(processIds.length).toBeGreaterThan(1);
    expect(stack.stderr()).toContain("imported sample drive: 878 positions");
    expect(stack.stdout()).toMatch(
      /^Backtrack is ready at http:\/\/127\.0\.0\.1:\d+ after [\d.]+ s; replaying demo at 10x\. /,
    );
    const client = clientOf(stack.apiUrl);
    await until(
      () => client.device("demo"),
      ({ positionCount }) => positionCount > 20,
    );
    const suggestions = [...stack.stdout().matchAll(/curl '(\S+)'/g)].map(([, url]) => url);
    expect(suggestions).toHaveLength(3);
    for (const url of suggestions) expect((await fetch(url)).status).toBe(200);

    const stoppedAt = performance.now();
    stack.child.kill("SIGTERM");
    expect(await stack.ended()).toEqual({ code: 0, signal: null });
    expect(performance.now() - stoppedAt).toBeLessThan(2_000);
    await allEnded(processIds);
  });

  test("finding 24: kill -9 leaves no process behind either, and the next start sweeps its temporary folder", async () => {
    const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith("backtrack-stack-"));
    const before = folders();
    const killed = await startStackProcess(["--empty"], folder);
    const processIds = processTree(killed.child.pid ?? 0);
    killed.child.kill("SIGKILL");
    await killed.ended();
    await allEnded(processIds);
    const [left, ...others] = folders().filter((name) => !before.includes(name));
    expect(others).toEqual([]);

    const next = await startStackProcess(["--empty"], folder);
    await until(folders, (names) => !names.includes(left) && names.length > 0);
    next.child.kill("SIGINT");
    await next.ended();
    expect(folders()).toEqual([]);
  });

  const fails = async (args: readonly string[]) => {
    const command = runCommand("start", args, folder);
    const { code } = await command.ended();
    return { code, message: command.stderr(), printed: command.stdout() };
  };

  test("a port in use", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await until(() => server.listening, Boolean);
    const { port } = server.address() as AddressInfo;
    expect(await fails(["--port", String(port)])).toEqual({
      code: 1,
      message: `backtrack: port ${port} is in use; stop what listens there, or choose another with --port\n`,
      printed: "",
    });
    server.close();
  });

  // The tests for options, the data folder and imports cover the other messages.
  test("wrong use", async () => {
    expect(await fails(["--speed", "3"])).toEqual({
      code: 2,
      message: "backtrack: unknown option '--speed'; --help shows what is possible\n",
      printed: "",
    });
  });
});

describe("npm run tail and npm run invoke", () => {
  let npm: ChildProcess;
  let stack: StackProcess;
  beforeAll(async () => {
    npm = spawn("npm", ["start", "--", "--port", "0", "--copies", "2", "--rate", "20"], {
      cwd: ROOT,
      detached: true,
      env: commandEnvironment(folder.stackFile),
      stdio: ["pipe", "pipe", "pipe"],
    });
    stack = await untilReady(observe(npm));
  });

  test("tail prints every device's positions as they arrive, one JSON line each", async () => {
    const tail = runCommand("tail", [], folder);
    await until(tail.stdout, (text) => text.includes("demo-1") && text.includes("demo-2"));
    tail.child.kill("SIGINT");
    expect(await tail.ended()).toEqual({ code: 0, signal: null });
    const positions = tail
      .stdout()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    for (const position of positions) {
      expect(position).toMatchObject({
        deviceId: expect.stringMatching(/^demo-[12]$/),
        timestamp: expect.stringMatching(/Z$/),
        latitude: expect.any(Number),
        longitude: expect.any(Number),
      });
    }
  });

  test("tail prints only one device's positions, and ends when its reader goes away", async () => {
    const script = `node_modules/.bin/node --import ./infra/require-node.js infra/local/tail.ts --device demo-2 | head -3`;
    const shell = spawn("bash", ["-o", "pipefail", "-c", script], {
      cwd: ROOT,
      env: commandEnvironment(folder.stackFile),
    });
    const pipe = observe(shell);
    expect(await pipe.ended()).toEqual({ code: 0, signal: null });
    const lines = pipe.stdout().trimEnd().split("\n");
    expect(lines).toHaveLength(3);
    expect(lines.every((line) => JSON.parse(line).deviceId === "demo-2")).toBe(true);
  });

  test("invoke runs a function on the running stack", async () => {
    const invoke = runCommand("invoke", ["list-devices"], folder);
    expect(await invoke.ended()).toEqual({ code: 0, signal: null });
    const { statusCode, body } = JSON.parse(invoke.stdout());
    expect(statusCode).toBe(200);
    expect(body).toContain("demo-1");
  });

  test("invoke lists the functions", async () => {
    const invoke = runCommand("invoke", ["fly"], folder);
    expect((await invoke.ended()).code).toBe(2);
    expect(invoke.stderr()).toMatch(
      /^backtrack: there is no function fly; there are accept-positions, .+, upload-recording\n$/,
    );
  });

  test("without a stack tail says so", async () => {
    const tail = runCommand("tail", [], { stackFile: folder.path("none.json") });
    expect((await tail.ended()).code).toBe(1);
    expect(tail.stderr()).toBe(
      "backtrack: no stack is running here; start one with `npm start` and leave it running\n",
    );
  });

  // This test is last because it ends the stack.
  test("Ctrl-C in a terminal ends npm and everything under it within 2 seconds", async () => {
    const processIds = processTree(npm.pid ?? 0);
    const stoppedAt = performance.now();
    // A terminal signals the whole process group.
    process.kill(-(npm.pid ?? 0), "SIGINT");
    await stack.ended();
    await allEnded(processIds);
    expect(performance.now() - stoppedAt).toBeLessThan(2_500);
  });
});
