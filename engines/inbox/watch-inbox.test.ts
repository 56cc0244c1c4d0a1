import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { objectCreatedEvent } from "../../hosts/lambda-events/object-created.ts";
import { HostUnreachableError, PerhapsRanError } from "../functions/call-errors.ts";
import { MACHINE_CLOCKS } from "../lease/clocks.ts";
import { memoryLeaseStore } from "../lease/lease-store.ts";
import { type Inbox, watchInbox } from "./watch-inbox.ts";

/** Between two looks. */
const LOOK_MILLISECONDS = 500;

const cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Looks when the test says so. */
const setUp = async () => {
  const folder = mkdtempSync(join(tmpdir(), "backtrack-inbox-"));
  cleanUps.push(() => rmSync(folder, { recursive: true }));
  const told: string[] = [];
  const errors: string[] = [];
  const state: { isAway: boolean; failsWith?: Error } = { isAway: false };
  let slept = Promise.withResolvers<void>();
  let wake = Promise.withResolvers<void>();
  const inbox: Inbox = watchInbox({
    folder,
    bucket: "inbox",
    functionName: "start-import",
    invoke: async (functionName, event) => {
      if (state.isAway) throw new HostUnreachableError("away");
      if (state.failsWith) throw state.failsWith;
      const { detail, source } = event as ReturnType<typeof objectCreatedEvent>;
      expect([functionName, source, detail.bucket.name]).toEqual(["start-import", "aws.s3", "inbox"]);
      expect(detail.object["version-id"]).toMatch(new RegExp(`^\\d+-${detail.object.size}$`));
      told.push(`${detail.object.key} ${detail.object.size}`);
      return {};
    },
    clock: () => Date.parse("2026-11-20T12:00:00Z"),
    sleep: async (milliseconds, signal) => {
      const aborted = new Promise((resolve) => signal?.addEventListener("abort", resolve));
      // The lease is renewed more seldom than that.
      if (milliseconds > LOOK_MILLISECONDS) return void (await aborted);
      const { promise } = wake;
      slept.resolve();
      await Promise.race([promise, aborted]);
    },
    onError: (message, error) => errors.push(`${message}: ${error}`),
  });
  cleanUps.push(() => inbox.close());
  await slept.promise;
  const look = async (): Promise<void> => {
    const waking = wake;
    slept = Promise.withResolvers();
    wake = Promise.withResolvers();
    waking.resolve();
    await slept.promise;
  };
  const write = (name: string, content: string) => writeFileSync(join(folder, name), content);
  return { folder, told, errors, state, look, write };
};

test("a file is told of once, when it has stopped growing", async () => {
  const { told, look, write } = await setUp();
  write("drive.csv", "1");
  await look();
  write("drive.csv", "12");
  await look();
  expect(told).toEqual([]);
  await look();
  await look();
  expect(told).toEqual(["drive.csv 2"]);
  write("drive.csv", "1234");
  await look();
  await look();
  expect(told).toEqual(["drive.csv 2", "drive.csv 4"]);
});

test("a file that was deleted is forgotten: put back unchanged, it is told of again", async () => {
  const { folder, told, look, write } = await setUp();
  const path = join(folder, "drive.csv");
  const modified = new Date("2026-11-20T11:00:00Z");
  const put = (): void => {
    write("drive.csv", "1");
    utimesSync(path, modified, modified);
  };
  put();
  await look();
  await look();
  rmSync(path);
  await look();
  put();
  await look();
  await look();
  await look();
  expect(told).toEqual(["drive.csv 1", "drive.csv 1"]);
});

test("files of folders are told of with slashes; hidden and unfinished ones are not", async () => {
  const { folder, told, look, write } = await setUp();
  mkdirSync(join(folder, "fleet/2026"), { recursive: true });
  mkdirSync(join(folder, ".cache"));
  for (const name of ["fleet/2026/van 7.csv", ".hidden.csv", ".cache/a.csv", "half.csv.part", "b.tmp"]) {
    write(name, "x");
  }
  await look();
  await look();
  expect(told).toEqual(["fleet/2026/van 7.csv 1"]);
  renameSync(join(folder, "half.csv.part"), join(folder, "half.csv"));
  await look();
  await look();
  expect(told).toEqual(["fleet/2026/van 7.csv 1", "half.csv 1"]);
});

test("a file is told of again until the function has taken it, and a folder that went away is told", async () => {
  const { folder, told, errors, state, look, write } = await setUp();
  state.isAway = true;
  write("drive.csv", "1");
  await look();
  await look();
  await look();
  expect(errors).toEqual(Array(2).fill(`file drive.csv in ${folder}: HostUnreachableError: away`));
  state.isAway = false;
  await look();
  expect(told).toEqual(["drive.csv 1"]);
  rmSync(folder, { recursive: true });
  await look();
  expect(errors.at(-1)).toContain(`folder ${folder}: Error: ENOENT`);
  mkdirSync(folder);
});

test("a file that is not taken is told of less and less often, and not while the call may run on", async () => {
  const { told, errors, state, look, write } = await setUp();
  state.isAway = true;
  write("drive.csv", "1");
  for (let each = 0; each < 240; each++) await look();
  // At most half a minute apart: of two minutes of looks, some ten.
  expect(errors.length).toBeGreaterThan(8);
  expect(errors.length).toBeLessThan(14);
  state.isAway = false;
  for (let each = 0; each < 60; each++) await look();
  expect(told).toEqual(["drive.csv 1"]);

  state.failsWith = new PerhapsRanError("504", 15_000);
  write("late.csv", "1");
  errors.length = 0;
  for (let each = 0; each < 31; each++) await look();
  expect(errors).toHaveLength(1);
  delete state.failsWith;
  await look();
  expect(told).toEqual(["drive.csv 1", "late.csv 1"]);
});

test("of two processes that watch a folder one tells of its files, and the other after it has gone", async () => {
  const folder = mkdtempSync(join(tmpdir(), "backtrack-inbox-"));
  cleanUps.push(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "drive.csv"), "1");
  const store = memoryLeaseStore();
  const told: string[] = [];
  const tellings = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  /** Time goes on only while this process may. */
  const open = (owner: string): Inbox =>
    watchInbox({
      folder,
      bucket: "inbox",
      functionName: "start-import",
      invoke: async () => {
        tellings[told.push(owner) - 1].resolve();
        return {};
      },
      sharing: { store, owner, clocks: MACHINE_CLOCKS },
      clock: Date.now,
      sleep: async (_, signal) => {
        signal?.throwIfAborted();
        await new Promise((resolve) => setImmediate(resolve));
      },
      onError: (message, error) => told.push(`${message}: ${error}`),
    });
  const first = open("first");
  await tellings[0].promise;
  const second = open("second");
  cleanUps.push(() => second.close());
  // Some hundred looks of the other.
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(told).toEqual(["first"]);
  await first.close();
  await tellings[1].promise;
  expect(told).toEqual(["first", "second"]);
});
