import { gunzipSync, gzipSync } from "node:zlib";
import { zstd } from "../lib/adapters/zstd.ts";
import { toJson } from "../lib/core/position/parse-position.ts";
import { parsePositions } from "../lib/core/position/parse-positions.ts";
import type { PositionBuffer } from "../lib/core/position/position-buffer.ts";
import { decodeSegment, encodeSegment } from "../lib/core/segment/segment.ts";
import { benchDrive } from "./drive.ts";
import { percentile } from "./percentile.ts";
import type { BenchTable } from "./report.ts";

export interface CodecOptions {
  readonly rounds?: number;
  /** How long each direction of each encoding is measured in a round. */
  readonly millisecondsPerRound?: number;
}

/** Positions of one encoded run: of a recording, and of a live device that seals when its item is full. */
const RECORDING_RUN = 300;
const DEVICE_RUN = 90;

interface Encoding {
  readonly name: string;
  encode(positions: PositionBuffer, from: number, to: number): Uint8Array;
  decode(bytes: Uint8Array): PositionBuffer;
}

const toJsonBytes = (positions: PositionBuffer, from: number, to: number): Uint8Array => {
  const list = [];
  for (let index = from; index < to; index++) list.push(toJson(positions.at(index)));
  return Buffer.from(JSON.stringify(list));
};
const fromJsonBytes = (bytes: Uint8Array): PositionBuffer => parsePositions(bytes, Date.now()).positions;

const ENCODINGS: readonly Encoding[] = [
  { name: "JSON", encode: toJsonBytes, decode: fromJsonBytes },
  {
    name: "JSON + gzip",
    encode: (positions, from, to) => gzipSync(toJsonBytes(positions, from, to)),
    decode: (bytes) => fromJsonBytes(gunzipSync(bytes)),
  },
  { name: "segment", encode: encodeSegment, decode: (bytes) => decodeSegment(bytes) },
  {
    name: "segment + zstd level 3",
    encode: (positions, from, to) => zstd.compress(encodeSegment(positions, from, to)),
    decode: (bytes) => decodeSegment(zstd.decompress(bytes, 1 << 20)),
  },
];

/**
 * Each encoding's bytes per position, and its speed from a buffer to bytes and back, including the checks of
 * JSON's fields. Encodings take turns within a round, so a busy moment on the machine hits all of them.
 */
export const codecBench = async ({
  rounds = 7,
  millisecondsPerRound = 150,
}: CodecOptions = {}): Promise<BenchTable> => {
  const { name, positions } = await benchDrive();
  const subjects = ENCODINGS.map((encoding) => {
    const runs = encodeRuns(encoding, positions, RECORDING_RUN);
    checkRoundTrip(encoding, runs, positions);
    return { encoding, runs, encodeSpeeds: [] as number[], decodeSpeeds: [] as number[] };
  });
  for (let round = 0; round <= rounds; round++) {
    for (const { encoding, runs, encodeSpeeds, decodeSpeeds } of subjects) {
      const encode = () => encodeRuns(encoding, positions, RECORDING_RUN);
      const decode = () => runs.map((run) => encoding.decode(run));
      const encodeSpeed = thousandsPerSecond(encode, positions.count, millisecondsPerRound);
      const decodeSpeed = thousandsPerSecond(decode, positions.count, millisecondsPerRound);
      // The first round is for the compiler.
      if (round === 0) continue;
      encodeSpeeds.push(encodeSpeed);
      decodeSpeeds.push(decodeSpeed);
    }
  }
  return {
    name: "Codec",
    columns: [
      "encoding",
      `bytes/position, ${RECORDING_RUN} a run`,
      `${DEVICE_RUN} a run`,
      "encode, thousand/s",
      "decode, thousand/s",
    ],
    rows: subjects.map(({ encoding, runs, encodeSpeeds, decodeSpeeds }) => [
      encoding.name,
      bytesPerPosition(runs, positions),
      bytesPerPosition(encodeRuns(encoding, positions, DEVICE_RUN), positions),
      Math.round(percentile(encodeSpeeds, 0.5)),
      Math.round(percentile(decodeSpeeds, 0.5)),
    ]),
    notes: [
      `${name}: ${positions.count} positions, 13 fields. Speed is measured in one thread's processor time.`,
      `Median of ${rounds} rounds; from a buffer to bytes and back, JSON with the checks of its fields.`,
    ],
  };
};

const encodeRuns = ({ encode }: Encoding, positions: PositionBuffer, length: number): Uint8Array[] => {
  const runs: Uint8Array[] = [];
  for (let from = 0; from < positions.count; from += length) {
    runs.push(encode(positions, from, Math.min(from + length, positions.count)));
  }
  return runs;
};

const bytesPerPosition = (runs: readonly Uint8Array[], { count }: PositionBuffer): number =>
  Math.round((runs.reduce((sum, { length }) => sum + length, 0) / count) * 100) / 100;

/** Speed means nothing if the codec loses data. */
const checkRoundTrip = (
  { name, decode }: Encoding,
  runs: readonly Uint8Array[],
  positions: PositionBuffer,
): void => {
  let index = 0;
  for (const run of runs) {
    for (const position of decode(run)) {
      if (JSON.stringify(position) !== JSON.stringify(positions.at(index++))) {
        throw new Error(`${name} does not return position ${index - 1}`);
      }
    }
  }
  if (index !== positions.count) throw new Error(`${name} returns ${index} of ${positions.count} positions`);
};

/**
 * Measures the thread's own processor time, so that other work on the machine counts as little as possible.
 */
const thousandsPerSecond = (run: () => unknown, count: number, milliseconds: number): number => {
  const before = process.threadCpuUsage();
  let times = 0;
  let elapsedMs = 0;
  do {
    run();
    times++;
    const { user, system } = process.threadCpuUsage(before);
    elapsedMs = (user + system) / 1000;
  } while (elapsedMs < milliseconds);
  return (times * count) / elapsedMs;
};
