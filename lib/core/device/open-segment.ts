import { type Detections, stepDetections } from "../detectors/detectors.ts";
import type { Fence } from "../identity/fence.ts";
import { DistanceMeter, type DistanceState } from "../motion/distance.ts";
import { PositionBuffer } from "../position/position-buffer.ts";
import { encodeSegment } from "../segment/segment.ts";
import type { SealedSegment } from "../track/track-store.ts";
import type { DeviceState } from "./device-state.ts";
import { conflictBetween, type PositionConflict } from "./position-conflict.ts";
import { markOf } from "./record-mark.ts";
import { tailRoomBytes } from "./state-room.ts";
import { TailSize } from "./tail-size.ts";

// Applying records never awaits, so one set of scratch memory serves every call: withOpenSegment sees to it.
// A batch of unusual size leaves none behind.
const LARGEST_SCRATCH = 16_384;
const scratchSize = new TailSize();
const scratchBuffer = new PositionBuffer(1024);
let isScratchTaken = false;

const scratchFor = (capacity: number): PositionBuffer => {
  if (capacity > LARGEST_SCRATCH) return new PositionBuffer(capacity);
  scratchBuffer.count = 0;
  scratchBuffer.reserve(capacity);
  return scratchBuffer;
};

/**
 * Opens a device's tail for as long as `use` runs, which must not wait for anything. Throws when one is open
 * already: two would write into the same memory.
 */
export const withOpenSegment = <Result>(
  state: DeviceState,
  expectedPositions: number,
  stateBytes: number,
  use: (open: OpenSegment) => Result,
): Result => {
  if (isScratchTaken) throw new Error(`the tail of ${state.deviceId} can't be opened while another one is`);
  isScratchTaken = true;
  const open = new OpenSegment(state, expectedPositions, stateBytes);
  try {
    return use(open);
  } finally {
    open.close();
    isScratchTaken = false;
  }
};

/**
 * A device's tail while positions are applied to it. Mutable, for loops over columns. The buffer holds what
 * was sealed on the way, then the tail, which begins at `start`; sealing only moves the start.
 */
class OpenSegment {
  readonly sealed: SealedSegment[] = [];
  /** Positions that were added; duplicates and late ones do not count. */
  addedCount = 0;
  /** Positions that were in the tail already, at the same place. */
  duplicateCount = 0;
  /** Positions whose time is in the tail already, at another place. */
  readonly conflicts: PositionConflict[] = [];
  sealedUntilMs: number | undefined;
  sealedDistance: DistanceState;
  sealedDetections: Detections;
  private readonly deviceId: string;
  private readonly stateBytes: number;
  private readonly buffer: PositionBuffer;
  private start = 0;
  private isClosed = false;
  private readonly size = scratchSize;
  /** The record that is being applied; before the first one, the last that was applied. */
  private fence: Fence | undefined;
  private roomBytes = 0;
  private readonly meter: DistanceMeter;
  /** How far the saved state had sealed: if this one is never saved, readers must look back that far. */
  private readonly savedUntilMs: number;
  /** Up to where the meter has come. */
  private metered = 0;

  constructor(state: DeviceState, expectedPositions: number, stateBytes: number) {
    this.stateBytes = stateBytes;
    this.fence = state.fence;
    this.deviceId = state.deviceId;
    this.sealedUntilMs = state.sealedUntilMs;
    this.savedUntilMs = state.sealedUntilMs ?? -1;
    this.sealedDistance = state.sealedDistance;
    this.sealedDetections = state.sealedDetections;
    this.roomBytes = tailRoomBytes(stateBytes, state.fence);
    this.meter = DistanceMeter.from(state.sealedDistance);
    this.buffer = scratchFor(state.tail.count + expectedPositions);
    this.size.reset();
    this.append(state.tail, 0, state.tail.count);
    this.addedCount = 0;
  }

  /** Its memory may be another's from now on. */
  close(): void {
    this.isClosed = true;
  }

  /** The tail as it is now. */
  tail(): PositionBuffer {
    this.refuseClosed();
    const tail = new PositionBuffer(this.buffer.count - this.start);
    tail.append(this.buffer, this.start, this.buffer.count);
    return tail;
  }

  get hasPositions(): boolean {
    return this.buffer.count > 0;
  }

  /** Distance up to the newest position. */
  get meters(): number {
    return this.meter.meters;
  }

  /**
   * Applies the positions of one record, which the item's new fence will name. Returns the indexes of the
   * late ones.
   */
  apply(positions: PositionBuffer, fence: Fence): number[] {
    this.refuseClosed();
    this.makeRoomFor(fence);
    const late: number[] = [];
    let index = 0;
    while (index < positions.count) {
      const end = this.endOfNewer(positions, index);
      if (end > index) {
        this.append(positions, index, end);
        index = end;
      } else {
        if (this.isLate(positions.timestampsMs[index])) late.push(index);
        else this.insert(positions, index, fence);
        index++;
      }
    }
    return late;
  }

  private refuseClosed(): void {
    if (this.isClosed) throw new Error(`the tail of ${this.deviceId} is closed`);
  }

  /** A fence with a longer name leaves the tail less room, also when its record brings nothing new. */
  private makeRoomFor(fence: Fence): void {
    this.fence = fence;
    this.roomBytes = tailRoomBytes(this.stateBytes, fence);
    if (this.size.bytes > this.roomBytes) this.measureAgain();
  }

  /**
   * The end of the run from `index` on in which each position is newer than the one before, and the first is
   * newer than the tail.
   */
  private endOfNewer({ timestampsMs, count }: PositionBuffer, index: number): number {
    let newestMs = this.newestMs();
    let end = index;
    while (end < count && timestampsMs[end] > newestMs) newestMs = timestampsMs[end++];
    return end;
  }

  private newestMs(): number {
    const { count, timestampsMs } = this.buffer;
    return count > this.start ? timestampsMs[count - 1] : (this.sealedUntilMs ?? Number.NEGATIVE_INFINITY);
  }

  private isLate(timestampMs: number): boolean {
    return this.sealedUntilMs !== undefined && timestampMs <= this.sealedUntilMs;
  }

  /** Appends positions that are newer than all others, and seals each time the tail outgrows its room. */
  private append(positions: PositionBuffer, from: number, to: number): void {
    const { buffer, size } = this;
    let index = buffer.count;
    buffer.append(positions, from, to);
    this.addedCount += to - from;
    for (;;) {
      index = size.extend(buffer, index, buffer.count, this.roomBytes);
      if (index === buffer.count) break;
      this.seal(index);
    }
    this.meterTo(buffer.count);
  }

  /**
   * Inserts a position into the tail at its time. If that time is already there, the first position stays.
   */
  private insert(positions: PositionBuffer, index: number, { sequenceNumber }: Fence): void {
    const { buffer } = this;
    const place = this.placeOf(positions.timestampsMs[index]);
    if (buffer.timestampsMs[place] === positions.timestampsMs[index]) {
      const conflict = conflictBetween(sequenceNumber, positions, index, buffer, place);
      if (conflict === undefined) this.duplicateCount++;
      else this.conflicts.push(conflict);
      return;
    }
    buffer.append(positions, index, index + 1);
    moveLast(buffer.timestampsMs, buffer.count, place);
    for (const column of buffer.columns) moveLast(column, buffer.count, place);
    this.addedCount++;
    this.measureAgain();
  }

  /**
   * Index of the first position of the tail that is not older. There always is one: newer positions are
   * appended.
   */
  private placeOf(timestampMs: number): number {
    let low = this.start;
    let high = this.buffer.count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.buffer.timestampsMs[middle] < timestampMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The tail has changed before its end: measures its size and distance again. */
  private measureAgain(): void {
    const { buffer, start, size } = this;
    this.meter.restore(this.sealedDistance);
    this.metered = start;
    size.reset();
    if (size.extend(buffer, start, buffer.count, this.roomBytes) < buffer.count) {
      this.seal(buffer.count - 1);
      size.extend(buffer, buffer.count - 1, buffer.count, this.roomBytes);
    }
    this.meterTo(buffer.count);
  }

  private seal(end: number): void {
    const { buffer, start } = this;
    const { timestampsMs } = buffer;
    this.meterTo(end);
    this.sealed.push({
      kind: "sealed",
      firstTimestampMs: timestampsMs[start],
      lastTimestampMs: timestampsMs[end - 1],
      positionCount: end - start,
      sealedAfterMs: this.savedUntilMs,
      ...(this.fence && { sealedBy: markOf(this.fence) }),
      data: encodeSegment(buffer, start, end),
    });
    this.sealedUntilMs = timestampsMs[end - 1];
    this.sealedDistance = this.meter.state();
    this.sealedDetections = stepDetections(this.sealedDetections, buffer, start, end);
    this.start = end;
    this.size.reset();
  }

  private meterTo(end: number): void {
    this.meter.advance(this.buffer, this.metered, end);
    this.metered = end;
  }
}

const moveLast = (values: Float64Array | Int32Array, count: number, place: number): void => {
  const last = values[count - 1];
  values.copyWithin(place + 1, place, count - 1);
  values[place] = last;
};
