import { InvalidInputError } from "../errors.ts";
import type { PositionBuffer } from "../position/position-buffer.ts";
import type { RecordingFile } from "./import-recording.ts";

/** A file, whole or as it comes. */
export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** One of the tracks of a file. */
export interface FileTrack {
  /** Counted from 0, in the order in which they begin. */
  readonly number: number;
  /** What the file calls it. */
  readonly name?: string;
  /** What the file calls the device, when it says. */
  readonly device?: string;
}

/**
 * Takes some positions of a track, in the file's order. The tracks of a file may take turns; each batch is
 * the taker's own.
 */
export type TakePositions = (positions: PositionBuffer, track: FileTrack) => void | Promise<void>;

/** What there is to say of a file that was read. */
export type ReadFile = Omit<RecordingFile, "positions">;

/** Reads recorded drives, of any size, in memory that does not grow with the file. */
export interface RecordingReader {
  /**
   * Hands on the positions of a file, some thousands at a time. Timestamps are checked against `nowMs`.
   * Throws InvalidInputError and UnsupportedFormatError for a file that can't be read, and what `take`
   * throws.
   */
  read(chunks: Chunks, nowMs: number, take: TakePositions): Promise<ReadFile>;
}

/** For whoever makes one recording of a file: throws InvalidInputError when a second track begins. */
export const onlyTrack =
  (take: (positions: PositionBuffer) => void | Promise<void>): TakePositions =>
  (positions, { number }) => {
    if (number === 0) return take(positions);
    const rule = "must hold one track: split it, one file for each track";
    throw new InvalidInputError(`the file ${rule}`, { problems: [{ field: "file", rule }] });
  };
