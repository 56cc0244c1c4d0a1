import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { memoryRecordingStore } from "../../../lib/adapters/memory/recording-store.ts";
import { memoryTrackStore } from "../../../lib/adapters/memory/track-store.ts";
import { recordingReader } from "../../../lib/adapters/recording-reader.ts";
import { zstd } from "../../../lib/adapters/zstd.ts";
import { importSources } from "./import-sources.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "backtrack-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const ports = () => ({
  recordings: memoryRecordingStore(),
  tracks: memoryTrackStore(),
  compression: zstd,
  reader: recordingReader,
  now: () => Date.parse("2026-11-20T12:00:00Z"),
});

const sourceOf = (name: string, content: string | Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return { path, name, deviceId: "car" };
};

const recordProgress = () => {
  const lines: string[] = [];
  const fractions: number[] = [];
  const progress = {
    begin: () => {},
    advance: (fraction: number) => fractions.push(fraction),
    end: (line: string) => lines.push(line),
  };
  return { lines, fractions, progress };
};

const HEADER = "timestamp,latitude,longitude";
const rows = (count: number) =>
  Array.from({ length: count }, (_, second) => `${1_577_218_887 + second},46,14`);

test("finding 25: an import tells how many positions there are and which rows are left out", async () => {
  const broken = Array.from({ length: 103 }, (_, second) => `${1_577_300_000 + second},91,14`);
  const source = sourceOf("drive.csv", [HEADER, ...rows(1_316), ...broken].join("\n"));
  const { lines, fractions, progress } = recordProgress();
  expect(await importSources(ports(), [source], progress)).toMatchObject([{ positionCount: 1_316 }]);
  expect(lines.join("\n").split("\n")).toEqual([
    "imported drive.csv: 1,316 positions",
    "  103 rows could not be read and are left out:",
    ...Array.from(
      { length: 100 },
      (_, index) => `  line ${1318 + index}: latitude must be between -90 and 90 (got "91")`,
    ),
    "  and 3 more: latitude must be between -90 and 90",
  ]);
  expect(fractions.at(-1)).toBe(1);
});

test("a file larger than a request to the API may be is read too", async () => {
  const source = sourceOf("long.csv", [HEADER, ...rows(400_000)].join("\n"));
  const { progress } = recordProgress();
  expect(await importSources(ports(), [source], progress)).toMatchObject([{ positionCount: 400_000 }]);
});

test("what can't be read names the file and the reason", async () => {
  const { progress } = recordProgress();
  const binary = sourceOf("photo.csv", new Uint8Array([0xff, 0xd8, 0xff, 0x00]));
  await expect(importSources(ports(), [binary], progress)).rejects.toMatchObject({
    message: expect.stringContaining(`${binary.path}: `),
    exitCode: 1,
  });
  const gone = { ...binary, path: join(folder, "gone.csv") };
  await expect(importSources(ports(), [gone], progress)).rejects.toThrow(/gone.csv: ENOENT/);
});
