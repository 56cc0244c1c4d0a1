import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyRuns } from "../../../test/property-runs.ts";
import { recordingReader } from "../../adapters/recording-reader.ts";
import { readRecording } from "../../core/recording/import-chunks.ts";

const NOW_MS = Date.parse("2026-11-20T12:00:00Z");

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (text: string) => readRecording(recordingReader, [bytesOf(text)], NOW_MS);

const HEADER = "timestamp,latitude,longitude,speed_meters_per_second";
const GOOD = ["1577218887.999,48.1,11.5,3.25", "1577218888.999,48.2,11.6,4.5"];

const POSITIONS = [
  { timestampMs: 1577218887999, latitude: 48.1, longitude: 11.5, speedMetersPerSecond: 3.25 },
  { timestampMs: 1577218888999, latitude: 48.2, longitude: 11.6, speedMetersPerSecond: 4.5 },
];

describe("reads", () => {
  test("the course's columns", async () => {
    const text = [HEADER, ...GOOD].join("\n");
    const file = await read(text);
    expect([...file.positions]).toEqual(POSITIONS);
    expect(file).toMatchObject({
      format: "csv",
      contentHash: createHash("sha256").update(text).digest("hex"),
      rejected: [],
      rejectedRowCount: 0,
    });
  });

  test.each<[string, string]>([
    [
      "our names",
      "timestamp,latitude,longitude,speedMetersPerSecond\n1577218887.999,48.1,11.5,3.25\n1577218888999,48.2,11.6,4.5",
    ],
    [
      "another order, case and spaces",
      "Longitude, SPEED_meters_per_second ,Timestamp,LATITUDE\n11.5,3.25,2019-12-24T20:21:27.999Z,48.1\n11.6,4.5,2019-12-24T21:21:28.999+01:00,48.2",
    ],
    [
      "extra columns, quoted texts with delimiters, quotes and line breaks",
      `note,${HEADER}\n"a, ""b""",${GOOD[0]}\n"two\nlines",${GOOD[1]}`,
    ],
    ["a byte order mark and CRLF", `\ufeff${HEADER}\r\n${GOOD.join("\r\n")}\r\n`],
    ["CR alone", `${HEADER}\r${GOOD.join("\r")}`],
    ["blank lines", `\n${HEADER}\n\n${GOOD.join("\n  \n")}\n\n`],
    ["semicolons", [HEADER, ...GOOD].join("\n").replaceAll(",", ";")],
    ["tabs", [HEADER, ...GOOD].join("\n").replaceAll(",", "\t")],
    ["everything in quotes", [HEADER, ...GOOD].join("\n").replaceAll(/[^,\n]+/g, '"$&"')],
    ["quotes inside a text", `note,${HEADER}\n5" tyre,${GOOD[0]}\n"6"" tyre",${GOOD[1]}`],
  ])("%s", async (_, text) => {
    const file = await read(text);
    expect([...file.positions]).toEqual(POSITIONS);
    expect(file.rejectedRowCount).toBe(0);
  });

  test("UTF-16 where its byte order mark says so", async () => {
    const text = `\ufeff${[HEADER, ...GOOD].join("\r\n")}`;
    const file = await readRecording(recordingReader, [Buffer.from(text, "utf16le")], NOW_MS);
    expect([...file.positions]).toEqual(POSITIONS);
  });

  test("fields that are not reported as absent", async () => {
    const { positions } = await read(
      "timestamp,latitude,longitude,hdop,elevation\n1577218887.999,48.1,11.5,,\n",
    );
    expect([...positions]).toEqual([{ timestampMs: 1577218887999, latitude: 48.1, longitude: 11.5 }]);
  });

  test("the same, however the file is cut", async () => {
    const text = `note,${HEADER}\r\n"ä, ""b""\r\nc",${GOOD[0]}\r\n"unclosed,1,2,3,4\r\n€,${GOOD[1]}\r\n`;
    const bytes = bytesOf(text);
    const whole = await readRecording(recordingReader, [bytes], NOW_MS);
    expect([...whole.positions]).toEqual(POSITIONS);
    expect(whole.rejectedRowCount).toBe(1);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 20 }), async (cuts) => {
        const at = [0, ...cuts.sort((one, other) => one - other), bytes.length];
        const chunks = at.slice(1).map((to, index) => bytes.subarray(at[index], to));
        const file = await readRecording(recordingReader, chunks, NOW_MS);
        expect(file).toEqual(whole);
      }),
    );
  });

  test("tells its progress", async () => {
    const progress: unknown[] = [];
    const chunks = [`${HEADER}\n`, `${GOOD[0]}\n`, GOOD[1]].map(bytesOf);
    await readRecording(recordingReader, chunks, NOW_MS, (step) => progress.push(step));
    expect(progress).toEqual([{ bytesRead: 53 }, { bytesRead: 83 }, { bytesRead: 111 }]);
  });

  test("the course's recording, all of it", async ({ skip }) => {
    const path = resolve(import.meta.dirname, "../../../../shared/data/dataset_gps.csv");
    if (!existsSync(path)) skip("../shared/data/dataset_gps.csv is not here");
    const file = await readRecording(recordingReader, [readFileSync(path)], NOW_MS);
    expect(file.positions.count).toBe(1_316);
    expect(file.rejectedRowCount).toBe(0);
    expect(file.positions.at(0)).toMatchObject({
      timestampMs: 1577218887999,
      latitude: -27.7178416,
      satellites: 14,
      elapsedSeconds: 2,
    });
  });
});

describe("a broken row is reported and the rest is read", () => {
  test.each<[string, string, readonly object[]]>([
    [
      "latitude 91",
      "1577218880,91,11,1",
      [{ field: "latitude", value: "91", rule: "must be between -90 and 90" }],
    ],
    [
      "words for numbers",
      "yesterday,NaN,0x10,1",
      [
        { field: "timestamp", value: "yesterday" },
        { field: "latitude", value: "NaN" },
        { field: "longitude", value: "0x10" },
      ],
    ],
    [
      "nanoseconds",
      "1577218880000000000,48,11,1",
      [
        {
          field: "timestamp",
          rule: "must be seconds, milliseconds or ISO 8601; looks like micro- or nanoseconds",
        },
      ],
    ],
    ["nothing where it is required", "1577218880,,11,1", [{ field: "latitude", rule: "is missing" }]],
    [
      "a row that is cut",
      "1577218880,48",
      [{ field: "row", value: "1577218880,48", rule: "must have 4 fields, as the header has, but has 2" }],
    ],
    [
      "decimal commas",
      "1577218880,48,1,11,2,3",
      [{ field: "row", rule: "must have 4 fields, as the header has, but has 6" }],
    ],
    [
      "a quote that is never closed",
      '1577218880,"48,11,1',
      [{ field: "row", rule: "must have a closing quote for each opening one" }],
    ],
    [
      "two lines that were one",
      "1577218880,48,11,1 1577218881,48,11,1",
      [{ field: "row", rule: expect.stringContaining("4 fields") }],
    ],
  ])("%s", async (_, row, problems) => {
    const file = await read([HEADER, GOOD[0], row, GOOD[1]].join("\n"));
    expect([...file.positions]).toEqual(POSITIONS);
    expect(file.rejectedRowCount).toBe(1);
    expect(file.rejected).toMatchObject([{ line: 3, problems }]);
  });

  test("a missing quote takes no other row with it, not even when a later row misses one too", async () => {
    const rows = Array.from({ length: 60 }, (_, index) => `"n",${1577218880 + index},48,11,1`);
    rows[3] = '"n,1577218883,48,11,1';
    rows[9] = 'n",1577218889,48,11,1';
    rows[40] = '"n,1577218920,48,11,1';
    const file = await read([`note,${HEADER}`, ...rows].join("\n"));
    expect(file.rejected.map(({ line }) => line)).toEqual([5, 42]);
    expect(file.positions.count).toBe(58);
  });

  test("of many the first 100 are reported and all are counted", async () => {
    const file = await read([HEADER, GOOD[0], ...Array.from({ length: 250 }, () => "x,x,x,x")].join("\n"));
    expect(file.rejected).toHaveLength(100);
    expect(file.rejectedRowCount).toBe(250);
    expect(file.positions.count).toBe(1);
  });

  test("whatever the row holds", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: "binary", maxLength: 30 }), { maxLength: 5 }),
        async (noise) => {
          // Control characters make a file binary; everything else is a row.
          // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is left out
          const rows = noise.map((text) => text.replaceAll(/[\u0000-\u001f]/g, " "));
          const file = await read([HEADER, GOOD[0], ...rows, GOOD[1], ""].join("\n"));
          expect([...file.positions]).toEqual(expect.arrayContaining(POSITIONS));
        },
      ),
      { numRuns: propertyRuns(500) },
    );
  });
});

describe("a file that is no recording is refused", () => {
  test.each<[string, Uint8Array, string, string]>([
    ["empty", new Uint8Array(), "InvalidInputError", "the file is empty"],
    ["blank", bytesOf("\n \n"), "InvalidInputError", "the file has no header and no rows"],
    [
      "compressed",
      gzipSync("timestamp"),
      "UnsupportedFormatError",
      "the file is binary: recordings are read from CSV",
    ],
    [
      "binary further on",
      bytesOf(`${HEADER}\n${`${GOOD[0]}\n`.repeat(50)}\u0000`),
      "UnsupportedFormatError",
      "the file is binary: a recording is CSV text",
    ],
    [
      "one endless line",
      bytesOf("x".repeat(1_000_001)),
      "UnsupportedFormatError",
      "the file has no line ends: a recording is CSV text",
    ],
    [
      "without a header",
      bytesOf(GOOD.join("\n")),
      "InvalidInputError",
      "the header has no column timestamp, latitude, longitude; it has: 1577218887.999, 48.1, 11.5, 3.25",
    ],
    [
      "JSON",
      bytesOf('{"timestamp":1,"latitude":1}'),
      "InvalidInputError",
      "the header has no column timestamp, latitude, longitude",
    ],
    [
      "without a column",
      bytesOf("timestamp,lat,longitude\n"),
      "InvalidInputError",
      "the header has no column latitude; it has: timestamp, lat, longitude",
    ],
    [
      "with a column twice",
      bytesOf(`${HEADER},speedMetersPerSecond\n`),
      "InvalidInputError",
      "the header has two columns for speedMetersPerSecond",
    ],
  ])("%s", async (_, bytes, name, message) => {
    await expect(readRecording(recordingReader, [bytes], NOW_MS)).rejects.toMatchObject({
      name,
      message: expect.stringContaining(message),
    });
  });

  test("a missing column is named as a problem", async () => {
    await expect(read("timestamp,lat,lon\n")).rejects.toMatchObject({
      problems: [{ field: "latitude" }, { field: "longitude" }],
    });
  });
});
