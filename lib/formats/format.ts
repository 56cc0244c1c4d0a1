import type { PositionBuffer } from "../core/position/position-buffer.ts";
import type { Chunks, ReadFile, TakePositions } from "../core/recording/recording-reader.ts";

/** One page of a track, as a file. */
export interface TrackFile {
  /** What the track is called, where a format has a place for it. */
  readonly name: string;
  readonly positions: PositionBuffer;
  /** Of the next page. */
  readonly cursor?: string;
}

/** What a format's reader returns; the rest of ReadFile is the same for every format. */
export type ReadOutcome = Omit<ReadFile, "format" | "contentHash">;

/**
 * A format of files that hold tracks. Pure: it is given bytes, and gives bytes; where they come from is not
 * its affair. A new one is a folder with such an object, and its line in registry.ts.
 */
export interface Format {
  /** As it is called in `format=` and in a recording. */
  readonly name: string;
  /** The first is what it is sent with; all are taken. */
  readonly mediaTypes: readonly [string, ...string[]];
  /** With the dot, in lower case. */
  readonly extensions: readonly string[];
  /**
   * Whether a file that begins like this is one. Content decides, never the name of the file or what a client
   * calls it.
   */
  detect(head: Head): boolean;
  /**
   * Hands on the positions of every track; see RecordingReader. Absent: files of this format can't be
   * imported.
   */
  read?(chunks: Chunks, nowMs: number, take: TakePositions): Promise<ReadOutcome>;
  /** Absent: no track is offered in this format. */
  write?(track: TrackFile): string;
}

/** How a file begins. */
export interface Head {
  readonly bytes: Uint8Array;
  /** The same without a byte order mark; undefined when it is no text. */
  readonly text: string | undefined;
}
