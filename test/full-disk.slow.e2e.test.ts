import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { clientOf } from "./api-client.ts";
import { endChildren } from "./children.ts";
import {
  commandEnvironment,
  observe,
  ROOT,
  type StackProcess,
  temporaryFolder,
  until,
  untilReady,
} from "./stack-process.ts";
import { unless } from "./unless.ts";

/*
 * Real disks that are full or read-only: small ones in memory, mounted where no other process sees them, so
 * nothing is left however the tests end.
 */

const folder = temporaryFolder();
afterAll(() => folder.remove());

/** Runs a command where the disk is mounted. */
const inside = (disk: ChildProcess, command: readonly string[]): [string, string[]] => [
  "nsenter",
  ["-t", String(disk.pid), "-m", "sh", "-c", 'cd "$0" && exec "$@"', ROOT, ...command],
];

const MOUNT = ["-m", "sh", "-c"];

const whyNoDisk = (): string | undefined => {
  try {
    execFileSync("unshare", [...MOUNT, 'mount -t tmpfs tmpfs "$0"', folder.path()], { stdio: "ignore" });
    execFileSync("nsenter", ["-V"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "only root may mount a disk, on Linux";
  }
};

/** A disk of this size in megabytes, for as long as the returned process runs. */
const mountDisk = async (path: string, megabytes: number): Promise<ChildProcess> => {
  mkdirSync(path);
  const script = `mount -t tmpfs -o size=${megabytes}m tmpfs "$0" && echo mounted && exec cat`;
  const disk = spawn("unshare", [...MOUNT, script, path], { stdio: ["pipe", "pipe", "inherit"] });
  const { stdout } = observe(disk);
  await until(stdout, (text) => text.includes("mounted"));
  return disk;
};

const remount = (disk: ChildProcess, path: string, options: string): void => {
  execFileSync(...inside(disk, ["mount", "-o", `remount,${options}`, path]));
};

const startOn = (disk: ChildProcess, dataFolder: string) => {
  const start = ["infra/local/start.ts", "--empty", "--port", "0", "--data", dataFolder];
  const command = inside(disk, [process.execPath, "--import", "./infra/require-node.js", ...start]);
  return observe(
    spawn(...command, { env: commandEnvironment(folder.stackFile), stdio: ["pipe", "pipe", "pipe"] }),
  );
};

const DEVICES = 20;
const POSITIONS_PER_REQUEST = 500;
const START_MS = Date.parse("2026-03-14T08:00:00Z");

/**
 * Sends to one device after another until the stack no longer answers; returns the acknowledged timestamps,
 * by device.
 */
const sendUntilItFails = async (stack: StackProcess): Promise<Map<string, number[]>> => {
  const acknowledged = new Map<string, number[]>();
  for (let request = 0; stack.child.exitCode === null; request++) {
    const deviceId = `van-${request % DEVICES}`;
    const first = START_MS + Math.floor(request / DEVICES) * POSITIONS_PER_REQUEST * 1000;
    const timestampsMs = Array.from({ length: POSITIONS_PER_REQUEST }, (_, index) => first + index * 1000);
    const positions = timestampsMs.map((timestampMs, index) => ({
      timestamp: new Date(timestampMs).toISOString(),
      latitude: 46 + Math.sin(timestampMs) / 10,
      longitude: 14 + index / 10_000,
    }));
    const status = await clientOf(stack.apiUrl)
      .call("POST", `/devices/${deviceId}/positions`, positions)
      .then((answer) => answer.status)
      .catch(() => undefined);
    if (status === 202) acknowledged.set(deviceId, [...(acknowledged.get(deviceId) ?? []), ...timestampsMs]);
    else
      await until(
        () => stack.child.exitCode,
        (code) => code !== null,
      ).catch(() => {});
  }
  return acknowledged;
};

describe("finding 25: a disk", unless(whyNoDisk()), () => {
  afterEach(async () => {
    await endChildren();
  });

  test("that fills up ends the stack with one line; after making room, all acknowledged positions are there", async () => {
    const path = folder.path("small");
    const disk = await mountDisk(path, 8);
    const data = `${path}/data`;
    const stack = await untilReady(startOn(disk, data));
    // Other people's files: 200 KB are left, which positions fill within a hundred requests.
    const fill =
      'left=$(df -k --output=avail "$0" | tail -1); head -c "$((left - 200))k" /dev/zero > "$0/films"';
    execFileSync(...inside(disk, ["sh", "-c", fill, path]));
    const acknowledged = await sendUntilItFails(stack);
    expect((await stack.ended()).code).toBe(1);
    expect(stack.stderr().trimEnd().split("\n").at(-1)).toMatch(
      /^backtrack: .*\/small\/data.*: its disk is full; make room there and start again: nothing that was acknowledged is lost$/,
    );
    expect(stack.stderr()).not.toMatch(/unexpected failure|\n\s+at /);
    expect(acknowledged.size).toBeGreaterThan(0);

    remount(disk, path, "size=256m");
    const again = await untilReady(startOn(disk, data));
    const client = clientOf(again.apiUrl);
    for (const [deviceId, timestampsMs] of acknowledged) {
      await until(
        async () => {
          const { positions } = await client.track(deviceId, 5_000);
          const found = new Set(positions.map(({ timestamp }) => Date.parse(timestamp)));
          return timestampsMs.filter((timestampMs) => !found.has(timestampMs)).length;
        },
        (missing) => missing === 0,
        { deadlineMs: 30_000, everyMs: 500 },
      );
    }
    again.child.kill("SIGINT");
    expect((await again.ended()).code).toBe(0);
  });

  test("that is read-only is reported in one line, for a new folder and for one used before", async () => {
    const path = folder.path("locked");
    const disk = await mountDisk(path, 24);
    const used = `${path}/used`;
    const before = await untilReady(startOn(disk, used));
    before.child.kill("SIGINT");
    await before.ended();

    remount(disk, path, "ro");
    for (const data of [used, `${path}/new`]) {
      const stack = startOn(disk, data);
      expect(await stack.ended()).toEqual({ code: 1, signal: null });
      expect(stack.stderr()).toBe(
        `backtrack: data folder ${data} can't be used: it is on a read-only disk\n`,
      );
    }
  });
});
