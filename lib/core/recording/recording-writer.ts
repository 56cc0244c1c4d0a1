import { ConflictError } from "../errors.ts";
import { DistanceMeter } from "../motion/distance.ts";
import { LATITUDE, LONGITUDE } from "../position/position.ts";
import { PositionBuffer } from "../position/position-buffer.ts";
import type { SegmentCompression } from "../segment/compression.ts";
import { compressSegment, encodeSegment } from "../segment/segment.ts";
import type { SealedSegment, TrackId, TrackStore } from "../track/track-store.ts";
import { IntervalCounts } from "./interval-counts.ts";

export interface WriterPorts {
  readonly tracks: TrackStore;
  readonly compression: SegmentCompression;
}

/** What is known of a recording when its last position was written. */
export interface RecordingTotals {
  readonly positionCount: number;
  /** Positions that had the timestamp of the one before, at whatever place. */
  readonly duplicateCount: number;
  /** Those of them that were at another place; absent when there were none. */
  readonly conflictCount?: number;
  readonly firstTimestampMs: number;
  readonly lastTimestampMs: number;
  readonly medianIntervalMs: number;
  readonly distanceMeters: number;
}

/**
 * Large enough that the columns compress well, small enough that a query decodes little that it does not
 * want.
 */
const SEGMENT_POSITIONS = 400;
/** Segments that are encoded before they are written: bounds memory for a recording of any length. */
const SEGMENTS_PER_WRITE = 50;
const BLOCK_POSITIONS = SEGMENT_POSITIONS * SEGMENTS_PER_WRITE;

/**
 * Writes a track of any length, a block at a time. Its segments depend on the positions alone, never on how
 * they were handed over, so writing them again writes the same ones.
 */
export class RecordingWriter {
  readonly #ports: WriterPorts;
  readonly #trackId: TrackId;
  readonly #distance = new DistanceMeter();
  readonly #intervals = new IntervalCounts();
  #block = new PositionBuffer();
  #positionCount = 0;
  #duplicateCount = 0;
  #conflictCount = 0;
  #firstTimestampMs = Number.NaN;
  #lastTimestampMs = Number.NEGATIVE_INFINITY;
  #lastLatitude = 0;
  #lastLongitude = 0;

  constructor(ports: WriterPorts, trackId: TrackId) {
    this.#ports = ports;
    this.#trackId = trackId;
  }

  /**
   * Takes the next positions in time order; of several with one timestamp the first. ConflictError for one
   * that is earlier.
   */
  async append(positions: PositionBuffer): Promise<void> {
    for (let from = 0; from < positions.count; ) {
      const to = Math.min(from + BLOCK_POSITIONS, positions.count);
      this.#take(positions, from, to);
      if (this.#block.count >= BLOCK_POSITIONS) await this.#writeBlocks();
      from = to;
    }
  }

  /** Writes what is left. */
  async finish(): Promise<RecordingTotals> {
    await this.#write(0, this.#block.count);
    return {
      positionCount: this.#positionCount,
      duplicateCount: this.#duplicateCount,
      ...(this.#conflictCount > 0 && { conflictCount: this.#conflictCount }),
      firstTimestampMs: this.#firstTimestampMs,
      lastTimestampMs: this.#lastTimestampMs,
      medianIntervalMs: this.#intervals.medianMs(),
      distanceMeters: this.#distance.meters,
    };
  }

  #take(positions: PositionBuffer, from: number, to: number): void {
    const before = this.#block.count;
    let runFrom = from;
    for (let index = from; index < to; index++) {
      const timestampMs = positions.timestampsMs[index];
      if (timestampMs > this.#lastTimestampMs) {
        if (this.#lastTimestampMs === Number.NEGATIVE_INFINITY) this.#firstTimestampMs = timestampMs;
        else this.#intervals.add(timestampMs - this.#lastTimestampMs);
        this.#lastTimestampMs = timestampMs;
        this.#lastLatitude = positions.columns[LATITUDE][index];
        this.#lastLongitude = positions.columns[LONGITUDE][index];
        continue;
      }
      if (timestampMs < this.#lastTimestampMs) {
        throw new ConflictError("the file changed while it was read: its rows are in another order");
      }
      this.#block.append(positions, runFrom, index);
      runFrom = index + 1;
      this.#duplicateCount++;
      if (!this.#isAtLastPlace(positions, index)) this.#conflictCount++;
    }
    this.#block.append(positions, runFrom, to);
    this.#distance.advance(this.#block, before, this.#block.count);
    this.#positionCount += this.#block.count - before;
  }

  /** Whether a position is at the place of the earlier one with its time. */
  #isAtLastPlace({ columns }: PositionBuffer, index: number): boolean {
    return (
      columns[LATITUDE][index] === this.#lastLatitude && columns[LONGITUDE][index] === this.#lastLongitude
    );
  }

  async #writeBlocks(): Promise<void> {
    const whole = this.#block.count - (this.#block.count % BLOCK_POSITIONS);
    await this.#write(0, whole);
    const rest = new PositionBuffer();
    rest.append(this.#block, whole);
    this.#block = rest;
  }

  async #write(from: number, to: number): Promise<void> {
    const { tracks, compression } = this.#ports;
    for (let blockFrom = from; blockFrom < to; blockFrom += BLOCK_POSITIONS) {
      const segments: SealedSegment[] = [];
      const blockTo = Math.min(blockFrom + BLOCK_POSITIONS, to);
      for (let index = blockFrom; index < blockTo; index += SEGMENT_POSITIONS) {
        segments.push(this.#segment(index, Math.min(index + SEGMENT_POSITIONS, blockTo), compression));
      }
      await tracks.put(this.#trackId, segments);
    }
  }

  #segment(from: number, to: number, compression: SegmentCompression): SealedSegment {
    return {
      kind: "sealed",
      firstTimestampMs: this.#block.timestampsMs[from],
      lastTimestampMs: this.#block.timestampsMs[to - 1],
      positionCount: to - from,
      data: compressSegment(encodeSegment(this.#block, from, to), compression),
    };
  }
}
