/** Whose positions: a device's live track, or a recording's. */
export type TrackId = `device#${string}` | `recording#${string}`;

export const deviceTrack = (deviceId: string): TrackId => `device#${deviceId}`;
/** A recording that was deleted and imported again has another track, so that neither can touch the positions of the other. */
export const recordingTrack = (recordingId: string, epoch = 0): TrackId =>
  epoch === 0 ? `recording#${recordingId}` : `recording#${recordingId}#${epoch}`;

/** Late positions of one record are split so that no late segment spans more: a range query looks back this far. */
export const LATE_SEGMENT_SPAN_MS = 60 * 60 * 1000;

/**
 * One encoded run of positions of a track. Sealed segments of a track never overlap, and their first timestamp is
 * their key. A late one may lie anywhere; its key also carries the record's sequence number, so that it can
 * overwrite nothing but itself.
 */
export interface StoredSegment {
  readonly kind: "sealed" | "late";
  readonly firstTimestampMs: number;
  readonly lastTimestampMs: number;
  readonly positionCount: number;
  /** Late segments only: the stream record that brought the positions. */
  readonly sequenceNumber?: string;
  /** What encodeSegment returned. */
  readonly data: Uint8Array;
}

export interface TimeRange {
  /** Inclusive. */
  readonly fromMs: number;
  /** Inclusive. */
  readonly toMs: number;
}

/** The tracks table. */
export interface TrackStore {
  /** Writing the same segment again changes nothing. Every segment is stored when it resolves. */
  put(trackId: TrackId, segments: readonly StoredSegment[]): Promise<void>;
  /**
   * Every segment that may hold a position of the range, sealed and late, ascending by first timestamp, fetched
   * page by page as it is consumed. Strongly consistent.
   */
  segments(trackId: TrackId, range: TimeRange): AsyncIterable<StoredSegment>;
  /** Deletes these segments; whoever is gone already does no harm. */
  removeSegments(trackId: TrackId, segments: readonly StoredSegment[]): Promise<void>;
  /** Deletes at most so many segments of the track; true when none is left. */
  removeSome(trackId: TrackId, limit: number): Promise<boolean>;
  /** Deletes every segment of the track; repeating it is harmless. */
  remove(trackId: TrackId): Promise<void>;
}
