import { recordingReader } from "../lib/adapters/recording-reader.ts";
import { zstd } from "../lib/adapters/zstd.ts";
import { BacktrackError } from "../lib/core/errors.ts";
import { decodeRecord } from "../lib/core/stream/decode-record.ts";
import type { InputKind } from "./hostile-inputs.ts";

const NOW_MS = Date.UTC(2026, 10, 20, 12);
/** As files and bodies arrive. */
const CHUNK_BYTES = 64 * 1024;

/** Reads it as its consumer does; a refusal is a valid result. */
export const readInput = async (kind: InputKind, bytes: Uint8Array): Promise<void> => {
  try {
    if (kind === "json") decodeRecord({ partitionKey: "van-7", data: bytes, arrivedAtMs: NOW_MS }, zstd);
    else await recordingReader.read(chunksOf(bytes), NOW_MS, () => undefined);
  } catch (error) {
    if (!(error instanceof BacktrackError)) throw error;
  }
};

function* chunksOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += CHUNK_BYTES) yield bytes.subarray(from, from + CHUNK_BYTES);
}

/** Processor nanoseconds per byte, the least of several readings: other work on the machine only adds. */
export const nanosecondsPerByte = async (
  kind: InputKind,
  bytes: Uint8Array,
  { rounds, microseconds }: { readonly rounds: number; readonly microseconds: number },
): Promise<number> => {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const before = process.threadCpuUsage();
    let times = 0;
    let spent = 0;
    do {
      await readInput(kind, bytes);
      times++;
      const { user, system } = process.threadCpuUsage(before);
      spent = user + system;
    } while (spent < microseconds);
    least = Math.min(least, (spent * 1000) / times / bytes.length);
  }
  return least;
};
