import { createHash } from "node:crypto";
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Stack, type StackOptions, startStack } from "../infra/local/stack/stack.ts";
import { readStackFile } from "../infra/local/stack/stack-file.ts";
import { temporaryFolder, until } from "./stack-process.ts";
import { unless } from "./unless.ts";

const folder = temporaryFolder();
const running: Stack[] = [];
const start = async (options: StackOptions = {}): Promise<Stack> => {
  const stack = await startStack({ say: () => {}, ...options });
  running.push(stack);
  return stack;
};
afterEach(async () => {
  await Promise.all(running.splice(0).map((stack) => stack.stop()));
});
afterAll(() => folder.remove());

const NOW = { latitude: 46.05, longitude: 14.5 };
const send = (stack: Stack, device: string, timestamp: string) =>
  fetch(`${stack.address.apiUrl}/devices/${device}/positions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...NOW, timestamp }),
  });
const stateOf = async (stack: Stack, device: string): Promise<{ positionCount?: number }> =>
  (await (await fetch(`${stack.address.apiUrl}/devices/${device}`)).json()) as { positionCount?: number };

/** For tests that don't change the stack. */
let shared: Stack;
const sharedData = folder.path("data");
const sharedRegistry = folder.path("registry", "stack.json");
beforeAll(async () => {
  shared = await startStack({ say: () => {}, registryPath: sharedRegistry, dataFolder: sharedData });
});
afterAll(() => shared?.stop());

test("a sent position soon appears in the device's state, and kill -9 of the functions in between loses nothing", async () => {
  const stack = shared;
  expect((await send(stack, "van-1", "2026-03-14T08:00:00Z")).status).toBe(202);
  await until(
    () => stateOf(stack, "van-1"),
    ({ positionCount }) => positionCount === 1,
  );

  const processId = stack.functionHostProcessId() ?? 0;
  expect((await send(stack, "van-1", "2026-03-14T08:00:01Z")).status).toBe(202);
  process.kill(processId, "SIGKILL");
  await until(
    () => stack.functionHostProcessId(),
    (id) => id !== undefined && id !== processId,
  );
  await stack.whenFunctionsRun();
  await until(
    () => stateOf(stack, "van-1"),
    ({ positionCount }) => positionCount === 2,
  );
});

test("with a data folder everything is back after a restart", async () => {
  const dataFolder = folder.path("kept");
  const registryPath = folder.path("kept-registry", "stack.json");
  const first = await start({ dataFolder, registryPath });
  await send(first, "van-1", "2026-03-14T08:00:00Z");
  await until(
    () => stateOf(first, "van-1"),
    ({ positionCount }) => positionCount === 1,
  );
  await first.stop();
  expect(existsSync(registryPath)).toBe(false);
  await first.stop();
  const second = await start({ dataFolder });
  expect(await stateOf(second, "van-1")).toMatchObject({ positionCount: 1 });
  await send(second, "van-1", "2026-03-14T08:00:01Z");
  await until(
    () => stateOf(second, "van-1"),
    ({ positionCount }) => positionCount === 2,
  );
});

test("a second stack on the same data folder is refused, and the first continues", async () => {
  const dataFolder = sharedData;
  await expect(start({ dataFolder })).rejects.toMatchObject({
    name: "CommandFailure",
    exitCode: 1,
    message: `data folder ${dataFolder} is in use by the stack of process ${process.pid}`,
  });
  expect((await fetch(`${shared.address.apiUrl}/healthz`)).status).toBe(200);
});

test("a data folder that can't be used is reported in one line", async () => {
  const file = folder.path("file");
  writeFileSync(file, "");
  await expect(start({ dataFolder: file })).rejects.toThrow(
    `data folder ${file} can't be used: it is a file`,
  );
  const inFile = folder.path("file", "data");
  await expect(start({ dataFolder: inFile })).rejects.toThrow("a part of the path is a file");
});

test(
  "a data folder without write permission is reported in one line",
  unless(process.getuid?.() === 0 ? "root can write everywhere" : undefined),
  async () => {
    const { path } = folder;
    const locked = path("locked");
    await (await start({ dataFolder: locked })).stop();
    chmodSync(locked, 0o500);
    await expect(start({ dataFolder: locked })).rejects.toThrow("this account may not write there");
    chmodSync(locked, 0o700);
  },
);

test("a port in use is reported in one line, and nothing is left behind", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await until(() => server.listening, Boolean);
  const { port } = server.address() as AddressInfo;
  const registryPath = folder.path("none", "stack.json");
  await expect(start({ httpPort: port, registryPath })).rejects.toMatchObject({
    exitCode: 1,
    message: `port ${port} is in use; stop what listens there, or choose another with --port`,
  });
  expect(existsSync(registryPath)).toBe(false);
  server.close();
});

test("other processes find a stack while it runs, also when a second one starts, which says so", async () => {
  expect(await readStackFile(sharedRegistry)).toMatchObject({
    processId: process.pid,
    address: shared.address,
  });
  const said: string[] = [];
  const second = await start({ registryPath: sharedRegistry, say: (line) => said.push(line) });
  expect(said).toEqual([expect.stringContaining(`another stack runs at ${shared.address.apiUrl}`)]);
  await second.stop();
  expect(await readStackFile(sharedRegistry)).toMatchObject({ address: shared.address });
});

test("a body's bytes arrive as they were sent, whatever they are and whatever their content type", async () => {
  const { apiUrl } = shared.address;
  const latin1 = Buffer.from("timestamp,latitude,longitude,annotation\n1577218801,46,14,caf\xe9\n", "latin1");
  const utf8 = Buffer.from("timestamp,latitude,longitude,annotation\n1577218801,46,14,\u{1F697} caf\u00e9\n");
  for (const body of [latin1, utf8]) {
    for (const contentType of ["text/csv", "text/csv; charset=utf-8", "TEXT/CSV"]) {
      const response = await fetch(`${apiUrl}/recordings?name=bytes`, {
        method: "POST",
        headers: { "content-type": contentType },
        body,
      });
      const { contentHash } = (await response.json()) as { contentHash: string };
      expect(contentHash).toBe(createHash("sha256").update(body).digest("hex"));
    }
  }
});

test("a JSON body that is not an object arrives as the original text", async () => {
  const { apiUrl } = shared.address;
  for (const body of ['"1773474072"', "0", "null", "false", "[]"]) {
    const response = await fetch(`${apiUrl}/devices/van-1/positions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    expect(response.status, body).toBe(400);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
  }
});
