import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { recordingReader } from "../adapters/recording-reader.ts";
import { runningSha256 } from "../adapters/sha256.ts";
import { PositionBuffer } from "../core/position/position-buffer.ts";
import { readRecording } from "../core/recording/import-chunks.ts";
import type { FileTrack } from "../core/recording/recording-reader.ts";
import { fileReader } from "./file-reader.ts";
import type { Format } from "./format.ts";
import { FORMATS } from "./registry.ts";
import { TRACK_FILE_FORMATS } from "./track-formats.ts";

const NOW_MS = Date.parse("2026-11-20T12:00:00Z");
const POSITION = { timestampMs: NOW_MS, latitude: 1, longitude: 2 };
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A line is a track's letter; each is a position of that track. */
const letters: Format = {
  name: "letters",
  mediaTypes: ["text/x-letters"],
  extensions: [".letters"],
  detect: ({ text = "" }) => text.startsWith("letters"),
  async read(chunks, _, take) {
    let text = "";
    for await (const chunk of chunks) text += new TextDecoder().decode(chunk);
    const tracks: string[] = [];
    for (const letter of text.split("\n").slice(1)) {
      if (!tracks.includes(letter)) tracks.push(letter);
      const track = { number: tracks.indexOf(letter), name: `track ${letter}`, device: letter };
      await take(PositionBuffer.from([POSITION]), track);
    }
    return { rejected: [], rejectedRowCount: 0, spreadCount: 0 };
  },
};
const platform = { sha256: runningSha256, giveWay: async () => undefined };
const reader = fileReader([letters, ...FORMATS], platform);

describe("a file of several tracks", () => {
  test("is handed on with the track that each position belongs to, also where tracks take turns", async () => {
    const taken: FileTrack[] = [];
    const file = await reader.read(
      [bytesOf("letters\na\nb\na")],
      NOW_MS,
      (_, track) => void taken.push(track),
    );
    expect(file).toMatchObject({ format: "letters" });
    expect(taken.map(({ number, name, device }) => [number, name, device])).toEqual([
      [0, "track a", "a"],
      [1, "track b", "b"],
      [0, "track a", "a"],
    ]);
  });

  test("can't become one recording: it is refused and says why; a file of one track is not", async () => {
    await expect(readRecording(reader, [bytesOf("letters\na\nb")], NOW_MS)).rejects.toMatchObject({
      name: "InvalidInputError",
      message: "the file must hold one track: split it, one file for each track",
      problems: [{ field: "file" }],
    });
    const { positions } = await readRecording(reader, [bytesOf("letters\na\na")], NOW_MS);
    expect(positions.count).toBe(2);
  });
});

describe("the content decides on the format", () => {
  const track = {
    name: "car-1",
    positions: PositionBuffer.from([POSITION, { ...POSITION, timestampMs: 1 }]),
  };

  test.each(FORMATS.map((format) => [format.name, format] as const))(
    "%s is told from all others",
    (_, format) => {
      const text = format.write(track);
      const head = { bytes: bytesOf(text), text };
      expect(FORMATS.find(({ detect }) => detect(head))?.name).toBe(format.name);
      expect(TRACK_FILE_FORMATS[format.name]).toMatchObject({ contentType: format.mediaTypes[0] });
    },
  );

  test("names, media types and extensions are each one format's", () => {
    for (const of of [
      FORMATS.map(({ name }) => name),
      FORMATS.flatMap(({ mediaTypes }) => [...mediaTypes]),
      FORMATS.flatMap(({ extensions }) => [...extensions]),
    ])
      expect(new Set(of).size).toBe(of.length);
  });

  test("what is written and not read is refused by its name, and what is no text as such", async () => {
    const refusal = (bytes: Uint8Array) =>
      readRecording(recordingReader, [bytes], NOW_MS).catch((error) => error);
    const gpx = await refusal(bytesOf(TRACK_FILE_FORMATS.gpx.encode(track)));
    expect(gpx).toMatchObject({ name: "UnsupportedFormatError", problems: [{ rule: "must be CSV" }] });
    expect(gpx.message).toBe("the file is GPX: recordings are read from CSV");
    const binary = await refusal(new Uint8Array([80, 75, 3, 4, 0, 0]));
    expect(binary.message).toBe("the file is binary: recordings are read from CSV");
    expect(await refusal(new Uint8Array(0))).toMatchObject({ message: "the file is empty" });
  });
});

describe("a file in pieces", () => {
  test("is read whole, once, and its hash is that of its bytes, however it is cut", async () => {
    const text = `letters${"\na".repeat(900)}`;
    const bytes = bytesOf(text);
    const contentHash = createHash("sha256").update(bytes).digest("hex");
    const property = fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 9 }), async (cuts) => {
      const at = [0, ...cuts.sort((one, other) => one - other), bytes.length];
      const chunks = at.slice(1).map((to, index) => bytes.subarray(at[index], to));
      const file = await readRecording(reader, chunks, NOW_MS);
      expect(file).toMatchObject({ contentHash, positions: { count: 900 } });
    });
    await fc.assert(property, { numRuns: 50 });
  });

  test("a source is let go when the file is refused, and other work has its turn after each block", async () => {
    let isOpen = true;
    let turns = 0;
    const source = async function* () {
      try {
        yield new Uint8Array(200_000).fill(97);
        yield new Uint8Array(1);
      } finally {
        isOpen = false;
      }
    };
    const counting = fileReader(FORMATS, { ...platform, giveWay: async () => void turns++ });
    await expect(readRecording(counting, source(), NOW_MS)).rejects.toThrow("is binary");
    expect([isOpen, turns]).toEqual([false, 4]);
  });
});
