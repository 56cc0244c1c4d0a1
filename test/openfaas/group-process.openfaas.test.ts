import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { GROUPS } from "../../functions/groups.ts";
import { bundleGroups } from "../../infra/openfaas/bundle.ts";
import { DEFAULT_PARTS, groupEnvironment } from "../../infra/openfaas/environment.ts";
import { programOnPath } from "../program.ts";
import { unless } from "../unless.ts";
import { freePort } from "./free-port.ts";
import { startGateway } from "./gateway.ts";
import { portOf, startGroup } from "./group-process.ts";
import { serversOfTest } from "./situations.ts";
import { startRealWatchdog } from "./watchdog.ts";

const WATCHDOG = programOnPath("of-watchdog");
const TOKEN = "a-token-of-twenty-characters";

let folder: string;
const files = new Map<string, string>();
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "groups-"));
  const bundled = await bundleGroups({ outdir: folder, names: ["backtrack", "backtrack-tasks"] });
  for (const { name, file } of bundled) files.set(name, file);
  writeFileSync(join(folder, "backtrack-invoke-token"), `${TOKEN}\n`);
  writeFileSync(join(folder, "backtrack-access-key-id"), "AKIAONE");
  writeFileSync(join(folder, "backtrack-secret-access-key"), "one");
});
afterAll(() => rmSync(folder, { recursive: true }));

const servers = serversOfTest();
afterEach(() => servers.close());

const fileOf = (name: string): string => files.get(name) ?? "";

const environmentOf = (name: string, further: Readonly<Record<string, string>> = {}, storeUrl?: string) => {
  const group = GROUPS.find((each) => each.name === name) ?? GROUPS[0];
  return {
    ...groupEnvironment(group, {
      ...DEFAULT_PARTS,
      access: "open",
      secretsFolder: folder,
      ...(storeUrl !== undefined && { storeUrl }),
    }),
    HOST: "127.0.0.1",
    PORT: "0",
    ...further,
  };
};

describe("a group's process", () => {
  test.each([
    ["a variable is missing", { DEVICES_TABLE: "" }, /DEVICES_TABLE is not set/],
    ["a setting is wrong", { MAX_IN_FLIGHT: "many" }, /MAX_IN_FLIGHT must be a whole number/],
    ["its token is missing", { SECRETS_FOLDER: "/nowhere" }, /secret backtrack-invoke-token.* is missing/],
  ])("ends with code 1 when %s, and says so in one line", async (_, further, reason) => {
    const group = startGroup(fileOf("backtrack-tasks"), environmentOf("backtrack-tasks", further));
    expect(await group.ended).toBe(1);
    expect(group.log().trim().split("\n")).toHaveLength(1);
    expect(JSON.parse(group.log()).message).toMatch(reason);
  });

  test("ends with code 1 when its port is taken", async () => {
    const first = startGroup(fileOf("backtrack"), environmentOf("backtrack"));
    const port = await portOf(first);
    const second = startGroup(fileOf("backtrack"), environmentOf("backtrack", { PORT: `${port}` }));
    expect(await second.ended).toBe(1);
    expect(second.log()).toContain("EADDRINUSE");
    first.child.kill("SIGKILL");
    await first.ended;
  });

  /** A store whose answer waits until it is told. */
  const slowStore = async () => {
    const asked = Promise.withResolvers<string>();
    const release = Promise.withResolvers<void>();
    const server = createServer(async (request, response) => {
      request.resume();
      asked.resolve(request.headers.authorization ?? "");
      await release.promise;
      response.setHeader("content-type", "application/x-amz-json-1.0").end('{"Responses":{}}');
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const close = (): Promise<void> =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      });
    await servers.keep(Promise.resolve({ url, close }));
    return { url, asked: asked.promise, release: release.resolve };
  };

  test("at SIGTERM it ends what it began, through a gateway, and ends with code 0", async () => {
    const store = await slowStore();
    const further = { DRAIN_SECONDS: "0", PUBLIC_PREFIX: "/function/backtrack" };
    const group = startGroup(fileOf("backtrack"), environmentOf("backtrack", further, store.url));
    const functions = { backtrack: `http://127.0.0.1:${await portOf(group)}` };
    const { url } = await servers.keep(startGateway({ functions }));
    const answering = fetch(`${url}/function/backtrack/devices/van`);
    // Signed with the key of the files.
    expect(await store.asked).toContain("Credential=AKIAONE/");
    group.child.kill("SIGTERM");
    // Nobody is let in any more, and who was is not forgotten.
    await expect.poll(async () => (await fetch(`${url}/function/backtrack/healthz`)).status).toBe(500);
    store.release();
    const response = await answering;
    expect([response.status, response.headers.get("x-backtrack-host")]).toEqual([404, "1"]);
    expect(await group.ended).toBe(0);
  });

  test("a second SIGTERM cuts what runs, and ends it with code 1", async () => {
    const store = await slowStore();
    const environment = environmentOf("backtrack", { DRAIN_SECONDS: "600" }, store.url);
    const group = startGroup(fileOf("backtrack"), environment);
    const url = `http://127.0.0.1:${await portOf(group)}`;
    const cut = fetch(`${url}/devices/van`).catch(() => "cut");
    await store.asked;
    group.child.kill("SIGTERM");
    await expect.poll(async () => (await fetch(`${url}/_/ready`)).status).toBe(503);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    group.child.kill("SIGTERM");
    expect(await group.ended).toBe(1);
    expect(await cut).toBe("cut");
    expect(group.log()).toContain('"inFlight":1');
  });
});

describe(
  "a group behind the real of-watchdog",
  unless(WATCHDOG === undefined ? "of-watchdog is not on PATH" : undefined),
  () => {
    test("serves, tells whether it is ready, and ends with its watchdog", async () => {
      const port = await freePort();
      const watchdog = await startRealWatchdog(WATCHDOG ?? "", {
        functionUrl: `http://127.0.0.1:${port}`,
        command: `${process.execPath} ${fileOf("backtrack")}`,
        environment: { ...environmentOf("backtrack"), PORT: `${port}`, ready_path: "/_/ready" },
      });
      await servers.keep(Promise.resolve(watchdog));
      const status = async (path: string, init?: RequestInit) =>
        (await fetch(`${watchdog.url}${path}`, init)).status;
      await expect.poll(() => status("/_/ready"), { timeout: 20_000 }).toBe(200);
      expect(await status("/healthz")).toBe(200);
      expect(await status("/devices/a%23b")).toBe(400);
      const large = { method: "POST", body: Buffer.alloc(11 * 1024 * 1024) };
      expect(await status("/devices/a/positions", large)).toBe(413);
      expect(await watchdog.stop()).toBe(0);
      await expect(fetch(`http://127.0.0.1:${port}/_/health`)).rejects.toThrow();
    });

    test("a group that can't start ends its watchdog, with an exit code other than 0 or its health at an end", async () => {
      const port = await freePort();
      const starting = startRealWatchdog(WATCHDOG ?? "", {
        functionUrl: `http://127.0.0.1:${port}`,
        command: `${process.execPath} ${fileOf("backtrack-tasks")}`,
        environment: environmentOf("backtrack-tasks", { SECRETS_FOLDER: "/nowhere" }),
      });
      const watchdog = await servers.keep(starting);
      await expect
        .poll(() => fetch(`${watchdog.url}/_/health`).catch(() => "gone"), { timeout: 20_000 })
        .toBe("gone");
      expect(watchdog.log()).toContain("backtrack-invoke-token");
    });
  },
);
