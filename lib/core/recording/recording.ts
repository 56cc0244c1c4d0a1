import type { Page, PageRequest } from "../page.ts";

/** A track that was imported from a file; its positions are the track `recording#<recordingId>`. It never changes. */
export interface Recording {
  /** Made of the name and the content, so that importing the same file twice gives the same recording. */
  readonly recordingId: string;
  readonly name: string;
  readonly format: string;
  /** SHA-256 of the file, hexadecimal. */
  readonly contentHash: string;
  readonly positionCount: number;
  readonly firstTimestampMs: number;
  readonly lastTimestampMs: number;
  /** Usual time between two positions; what a looped replay leaves between its end and its next beginning. */
  readonly medianIntervalMs: number;
  readonly distanceMeters: number;
  /** Rows that could not be read as positions; the import's answer named them. */
  readonly rejectedRowCount: number;
  /** Rows that had the timestamp of another row; the first of them counts. */
  readonly duplicateCount: number;
  /** Positions of one second and different places, which were spread inside it; absent when there were none. */
  readonly spreadCount?: number;
  readonly createdAtMs: number;
}

/** The recordings table. */
export interface RecordingStore {
  /** The item is written after its segments, so that a recording that can be read is whole. */
  put(recording: Recording): Promise<void>;
  get(recordingId: string): Promise<Recording | undefined>;
  list(request: PageRequest): Promise<Page<Recording>>;
  remove(recordingId: string): Promise<void>;
}
