import type { Page, PageRequest } from "../page.ts";

/**
 * A track that was imported from a file; its positions are the track `recording#<recordingId>`. It never
 * changes.
 */
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
  /** Those of them that were at another place, and could not be kept; absent when there were none. */
  readonly conflictCount?: number;
  /**
   * Positions of one second and different places, which were spread inside it; absent when there were none.
   */
  readonly spreadCount?: number;
  readonly createdAtMs: number;
  /**
   * How often a recording of this id was deleted before: which track has its positions; see recordingTrack. 0
   * when absent.
   */
  readonly epoch?: number;
}

/** What stays of a deleted recording for a while: importing the same file meanwhile writes another track. */
export interface Grave {
  /** Of the recording that was deleted. */
  readonly epoch: number;
  /** False until its positions are gone too. */
  readonly isSwept: boolean;
}

/** Much longer than any import takes, with all its retries. */
export const GRAVE_KEPT_SECONDS = 7 * 24 * 60 * 60;

/**
 * The recordings table. One condition on one item decides between an import and a deletion at the same time.
 */
export interface RecordingStore {
  /**
   * The item is written after its segments, so that a readable recording is complete. Putting it again
   * changes nothing. Throws VersionConflictError when a recording of this id was deleted since `epoch` was
   * read: its positions may be lost.
   */
  put(recording: Recording): Promise<void>;
  get(recordingId: string): Promise<Recording | undefined>;
  /** The epoch that an import must write, and the grave that it finds. */
  epochOf(recordingId: string): Promise<{ readonly epoch: number; readonly grave?: Grave }>;
  list(request: PageRequest): Promise<Page<Recording>>;
  /** Replaces the recording by its grave in one write; undefined when there was no recording. */
  bury(recordingId: string): Promise<Grave | undefined>;
  /**
   * Notes that the positions of the buried recording are gone, and takes it off the list. Repeating it is
   * harmless.
   */
  swept(recordingId: string, grave: Grave): Promise<void>;
}
