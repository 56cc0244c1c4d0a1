import type { PositionBuffer } from "../position/position-buffer.ts";
import type { RecordingFile } from "./import-recording.ts";

/** A file, whole or as it comes. */
export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Reads recorded drives of one format, of any size, in memory that does not grow with the file. */
export interface RecordingReader {
  /**
   * Hands on the positions of a file, in its order, some thousands at a time; each batch is the taker's own. Timestamps are
   * checked against `nowMs`. Raises InvalidInputError and UnsupportedFormatError for a file that is no such thing, and what
   * `take` raises.
   */
  read(
    chunks: Chunks,
    nowMs: number,
    take: (positions: PositionBuffer) => void | Promise<void>,
  ): Promise<Omit<RecordingFile, "positions">>;
}
