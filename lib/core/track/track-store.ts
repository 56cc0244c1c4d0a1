/** Whose positions: a device's live track, or a recording's. */
export type TrackId = `device#${string}` | `recording#${string}`;

export const deviceTrack = (deviceId: string): TrackId => `device#${deviceId}`;
/**
 * A recording that was deleted and imported again has another track, so that neither can touch the positions
 * of the other.
 */
export const recordingTrack = (recordingId: string, epoch = 0): TrackId =>
  epoch === 0 ? `recording#${recordingId}` : `recording#${recordingId}#${epoch}`;

/**
 * Late positions are grouped by spans of this length, counted from 1970: a range query looks back to the
 * start of its first span.
 */
export const LATE_SPAN_MS = 15 * 60 * 1000;

/** The start of the span that a time is in. */
export const lateSpanOf = (timestampMs: number): number =>
  Math.floor(timestampMs / LATE_SPAN_MS) * LATE_SPAN_MS;

/** A short name of a stream record, to compare it with others of its stream. */
export interface RecordMark {
  /** A digest of the stream's name and creation time. */
  readonly stream: string;
  readonly sequenceNumber: string;
}

/** One encoded run of positions of a track, in time order. */
interface EncodedRun {
  readonly firstTimestampMs: number;
  readonly lastTimestampMs: number;
  readonly positionCount: number;
  /** What encodeSegment returned. */
  readonly data: Uint8Array;
}

/**
 * What was a device's tail, or a part of a recording; it never changes. Its key is its first timestamp and a
 * digest of its data, so that nothing can overwrite it but itself. Sealed segments of a track do not overlap,
 * except those of a consumer whose state was never saved because it crashed or lost against another.
 */
export interface SealedSegment extends EncodedRun {
  readonly kind: "sealed";
  /**
   * The newest timestamp that the saved state had sealed when this one was made, or -1; absent where segments
   * can't overlap, as in recordings. What begins later may lie under this segment.
   */
  readonly sealedAfterMs?: number;
  /** Devices only: the record that the tail had no room for. */
  readonly sealedBy?: RecordMark;
  /** From the stored key, so it is right even if the data was damaged later. */
  readonly digest?: string;
}

/**
 * Late positions of one span. A span has parts 0, 1, 2, ..., each within latePartBytes. A position never
 * leaves its part, so a reader sees every position even while another process writes; only the last part of a
 * span changes.
 */
export interface LatePart extends EncodedRun {
  readonly kind: "late";
  readonly part: number;
  /** How often the part has been written; 0: not yet. */
  readonly revision: number;
  /** Which records brought the positions that may not be counted yet; see bringers.ts. */
  readonly bringers: Uint8Array;
  /**
   * The newest of those records: when the device's fence has passed it, all are counted. Absent when there
   * are none.
   */
  readonly newestBringer?: RecordMark;
}

export type StoredSegment = SealedSegment | LatePart;

/** No position of this segment, or of any that a store returns after it, is older. */
export const beginsAtMs = (segment: StoredSegment): number =>
  segment.kind === "sealed" ? segment.firstTimestampMs : lateSpanOf(segment.firstTimestampMs);

export interface TimeRange {
  /** Inclusive. */
  readonly fromMs: number;
  /** Inclusive. */
  readonly toMs: number;
}

/** The tracks table. */
export interface TrackStore {
  /**
   * How many bytes data and bringers of a late part should have at most, so that writing it costs as little
   * as it can.
   */
  readonly latePartBytes: number;
  /**
   * Writing the same segment again changes nothing; another one of the same time is kept beside it. All are
   * stored when it resolves.
   */
  put(trackId: TrackId, segments: readonly SealedSegment[]): Promise<void>;
  /**
   * Writes `part` as revision `part.revision + 1`, on condition that the stored revision is still
   * `part.revision` (0: that there is none). Throws VersionConflictError otherwise.
   */
  putLate(trackId: TrackId, part: LatePart): Promise<void>;
  /**
   * Every segment that may hold a position of the range, sealed and late, ascending by beginsAtMs, fetched
   * page by page as it is consumed. Strongly consistent.
   */
  segments(trackId: TrackId, range: TimeRange): AsyncIterable<StoredSegment>;
  /** Deletes these segments; one that is already gone does no harm. */
  removeSegments(trackId: TrackId, segments: readonly StoredSegment[]): Promise<void>;
  /** Deletes at most so many segments of the track; true when none is left. */
  removeSome(trackId: TrackId, limit: number): Promise<boolean>;
  /** Deletes every segment of the track; repeating it is harmless. */
  remove(trackId: TrackId): Promise<void>;
}
