import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseStartOptions } from "./options.ts";

let folder: string;
let drive: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "backtrack-"));
  drive = join(folder, "my drive.csv");
  writeFileSync(drive, "timestamp,latitude,longitude\n");
  writeFileSync(join(folder, "empty.csv"), "");
});
afterAll(() => rmSync(folder, { recursive: true }));

const deviceIds = (...argv: string[]): string[] =>
  parseStartOptions(argv).sources.map(({ deviceId }) => deviceId);

test("without arguments the sample drive is replayed at 10x in a loop as demo", () => {
  expect(parseStartOptions([])).toMatchObject({
    sources: [{ deviceId: "demo", name: "sample drive" }],
    rate: 10,
    loop: true,
    timestamps: "now",
    copies: 1,
    port: 3000,
  });
});

test("finding 7: how far ahead a position may be is an option", () => {
  expect(parseStartOptions([])).toMatchObject({ maximumAheadSeconds: 300 });
  expect(parseStartOptions(["--maximum-ahead", "86400"])).toMatchObject({ maximumAheadSeconds: 86_400 });
  expect(parseStartOptions([])).toMatchObject({ earliestTimestamp: "1980-01-06T00:00:00.000Z" });
  const simulated = "1970-01-01T00:00:00Z";
  expect(parseStartOptions(["--earliest", simulated])).toMatchObject({ earliestTimestamp: simulated });
  expect(() => parseStartOptions(["--earliest", "long ago"])).toThrow(/since 1970 in ISO 8601/);
  expect(() => parseStartOptions(["--maximum-ahead", "-1"])).toThrow(/maximum-ahead/);
});

test("finding 13: how much stays on the stream of what was read is an option", () => {
  expect(parseStartOptions([])).toMatchObject({ keepReadBytes: 64 * 1024 * 1024 });
  expect(parseStartOptions(["--keep-read", "0.5"])).toMatchObject({ keepReadBytes: 512 * 1024 });
  expect(parseStartOptions(["--keep-read", "0"])).toMatchObject({ keepReadBytes: 0 });
  for (const wrong of ["-1", "all", "2000000"]) {
    expect(() => parseStartOptions(["--keep-read", wrong])).toThrow(/keep-read/);
  }
});

test("finding 4: other pages and other names are let in one by one, and none by default", () => {
  expect(parseStartOptions([])).toMatchObject({ allowedOrigins: [], allowedHosts: [] });
  const argv = ["--allow-origin", "http://localhost:5173", "--allow-origin", "https://fleet.example"];
  expect(parseStartOptions([...argv, "--allow-host", "backtrack.test"])).toMatchObject({
    allowedOrigins: ["http://localhost:5173", "https://fleet.example"],
    allowedHosts: ["backtrack.test"],
  });
  for (const wrong of ["*", "fleet.example", "https://fleet.example/", "https://a.example/map", "null"]) {
    expect(() => parseStartOptions(["--allow-origin", wrong])).toThrow(/must be an origin/);
  }
  for (const wrong of ["a.example:3000", "A.example", "a/b", ""]) {
    expect(() => parseStartOptions(["--allow-host", wrong])).toThrow(/must be a host name/);
  }
});

test("a file is replayed once, as a device named like it", () => {
  expect(parseStartOptions([drive])).toMatchObject({
    sources: [{ path: drive, name: "my drive.csv", deviceId: "my-drive" }],
    loop: false,
  });
  expect(parseStartOptions([drive, "--loop", "--rate", "0.5", "--copies", "4"])).toMatchObject({
    loop: true,
    rate: 0.5,
    copies: 4,
  });
});

test("several files never share a device", () => {
  expect(deviceIds(drive, drive)).toEqual(["my-drive-1", "my-drive-2"]);
  expect(deviceIds(drive, drive, "--device", "van")).toEqual(["van-1", "van-2"]);
  expect(deviceIds(drive, "--device", "van")).toEqual(["van"]);
  expect(deviceIds("--device", "van")).toEqual(["van"]);
});

test("the sample with its original timestamps is played once", () => {
  expect(parseStartOptions(["--timestamps", "original"]).loop).toBe(false);
  expect(parseStartOptions(["--no-loop"]).loop).toBe(false);
});

test("--empty plays nothing", () => {
  expect(parseStartOptions(["--empty"]).sources).toEqual([]);
});

test.each([
  [["--rate", "0"], "It must be a number from 0.01 to 10000."],
  [["--rate", "fast"], "It must be a number"],
  [["--rate", ""], "It must be a number"],
  [["--copies", "1.5"], "It must be a whole number from 1 to 1000."],
  [["--port", "65536"], "It must be a whole number from 0 to 65535."],
  [["--timestamps", "later"], "Allowed choices are now, original."],
  [["--device", "a b"], "It must be 1 to 128 characters of"],
  [["--frobnicate"], "unknown option '--frobnicate'"],
  [["--loop", "--timestamps", "original"], "would send only duplicates"],
  [["nowhere.csv"], "there is no file"],
  [[tmpdir()], "is not a file"],
])("wrong use: %j", (argv, message) => {
  expect(() => parseStartOptions(argv)).toThrow(
    expect.objectContaining({ name: "CommandFailure", exitCode: 2 }),
  );
  expect(() => parseStartOptions(argv)).toThrow(message);
});

test("an empty file, and files with --empty, are wrong use", () => {
  expect(() => parseStartOptions([join(folder, "empty.csv")])).toThrow("is empty");
  expect(() => parseStartOptions([drive, "--empty"])).toThrow("omit the files");
});
