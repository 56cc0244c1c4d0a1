import { ACCURACY, LATITUDE, LONGITUDE, POSITION_FIELDS, SPEED } from "../position/position.ts";
import type { PositionBuffer } from "../position/position-buffer.ts";
import {
  type DistanceFix,
  Fix,
  isImpossible,
  isMuchWorse,
  metersBetween,
  noiseMeters,
  reportedMotion,
} from "./distance-fix.ts";

export type { DistanceFix } from "./distance-fix.ts";

/**
 * Where the distance filter stands after some positions: what it needs to continue with the next one. Plain
 * numbers, so that it can be stored with the device. `{ meters: 0 }` is the beginning of a track.
 */
export interface DistanceState {
  readonly meters: number;
  /**
   * The place that `meters` reaches to, with the time it was last confirmed; absent before the first
   * position.
   */
  readonly anchor?: DistanceFix;
  /** The device was last seen within noise of its anchor. */
  readonly standing?: boolean;
  /** A doubtful position after the anchor: the next one decides whether it counts. */
  readonly pending?: DistanceFix;
}

/** A poor position is skipped while the anchor is no older than this; then it is what the device has. */
const POOR_ACCURACY_PATIENCE_MS = 60_000;
/** At rest a reported speed is believed as motion when it explains the displacement at least to this part. */
const EXPLAINED_PART = 0.5;
/** A departure shorter than this many noise gates must be seen twice. */
const CERTAIN_DEPARTURE_GATES = 2;
const HALF_METERS_PER_QUANTUM_MS = 1 / POSITION_FIELDS[SPEED].quantaPerUnit / 1000 / 2;

/**
 * The distance of a track, one position after the other in time order. Mutable, for loops over columns;
 * advanceDistance is the same as a pure function. What it leaves out:
 *
 * - a position of poor accuracy, while a much better one is recent;
 * - a glitch: impossible to reach from the position before and to leave for the one after, when the hop over
 *   it is possible. Where that is impossible too the clock is not real time (a replay at 100x), and nothing
 *   is left out;
 * - noise at rest. While the device reports that it does not move, or reports no speed at all, a displacement
 *   counts only beyond the noise that its accuracies explain; and one that barely is, from rest, only when
 *   the next position is not back again. A hop that is refused is not lost: the next is measured from the
 *   same anchor.
 *
 * A doubtful position counts when the next one has confirmed it, so the sum may be one hop behind; it never
 * shrinks.
 */
export class DistanceMeter {
  meters = 0;
  private hasAnchor = false;
  private hasPending = false;
  private isStanding = false;
  private anchor = new Fix();
  private pending = new Fix();
  private next = new Fix();

  static from(state: DistanceState): DistanceMeter {
    const meter = new DistanceMeter();
    meter.restore(state);
    return meter;
  }

  restore({ meters, anchor, standing = false, pending }: DistanceState): void {
    this.meters = meters;
    this.isStanding = standing;
    this.hasAnchor = anchor !== undefined;
    if (anchor !== undefined) this.anchor.restore(anchor);
    this.hasPending = pending !== undefined;
    if (pending !== undefined) this.pending.restore(pending);
  }

  state(): DistanceState {
    return {
      meters: this.meters,
      ...(this.hasAnchor && { anchor: this.anchor.stored(), standing: this.isStanding }),
      ...(this.hasPending && { pending: this.pending.stored() }),
    };
  }

  /** Continues with positions `from` (inclusive) to `to` (exclusive). */
  advance({ timestampsMs, columns }: PositionBuffer, from: number, to: number): void {
    const latitudes = columns[LATITUDE];
    const longitudes = columns[LONGITUDE];
    const accuracies = columns[ACCURACY];
    const speeds = columns[SPEED];
    for (let index = from; index < to; index++) {
      this.next.set(
        timestampsMs[index],
        latitudes[index],
        longitudes[index],
        accuracies[index],
        speeds[index],
      );
      this.step();
    }
  }

  private step(): void {
    if (!this.hasAnchor) {
      this.hasAnchor = true;
      this.moveTo(0);
      return;
    }
    if (this.isTooPoor()) return;
    if (this.hasPending) this.settlePending();
    const { anchor, next } = this;
    const meters = metersBetween(anchor, next);
    if (isImpossible(meters, anchor, next)) {
      this.doubt();
    } else if (this.isExplained(meters)) {
      this.moveTo(meters);
    } else {
      this.stepFromRest(meters);
    }
  }

  /** The device reports motion; from rest a flicker of the reported speed is not enough. */
  private isExplained(meters: number): boolean {
    const { anchor, next } = this;
    const motion = reportedMotion(anchor, next);
    if (motion === 0 || !this.isStanding) return motion > 0;
    const reportedMeters = motion * HALF_METERS_PER_QUANTUM_MS * (next.timestampMs - anchor.timestampMs);
    return reportedMeters >= EXPLAINED_PART * meters;
  }

  private stepFromRest(meters: number): void {
    const gateMeters = noiseMeters(this.anchor, this.next);
    if (meters <= gateMeters) this.hold();
    else if (this.isStanding && meters <= CERTAIN_DEPARTURE_GATES * gateMeters) this.doubt();
    else this.moveTo(meters);
  }

  private moveTo(meters: number): void {
    this.meters += meters;
    this.isStanding = false;
    const reached = this.next;
    this.next = this.anchor;
    this.anchor = reached;
  }

  /** Stays at its anchor and remembers since when. A much better fix of the same place becomes the anchor. */
  private hold(): void {
    const { anchor, next } = this;
    this.isStanding = true;
    if (isMuchWorse(anchor, next)) {
      this.anchor = next;
      this.next = anchor;
    } else {
      anchor.timestampMs = next.timestampMs;
      anchor.speed = next.speed;
    }
  }

  private doubt(): void {
    const doubtful = this.next;
    this.next = this.pending;
    this.pending = doubtful;
    this.hasPending = true;
  }

  /**
   * The next position has come: the doubtful one counts, unless it was a glitch or the device is back at
   * rest.
   */
  private settlePending(): void {
    const { anchor, pending, next } = this;
    this.hasPending = false;
    const toPending = metersBetween(anchor, pending);
    const over = metersBetween(anchor, next);
    const isRefuted = isImpossible(toPending, anchor, pending)
      ? isImpossible(metersBetween(pending, next), pending, next) && !isImpossible(over, anchor, next)
      : over <= noiseMeters(anchor, next);
    if (isRefuted) return;
    this.pending = this.anchor;
    this.anchor = pending;
    this.meters += toPending;
    this.isStanding = false;
  }

  private isTooPoor(): boolean {
    const { anchor, next } = this;
    return isMuchWorse(next, anchor) && next.timestampMs - anchor.timestampMs < POOR_ACCURACY_PATIENCE_MS;
  }
}

/** The state after positions `from` (inclusive) to `to` (exclusive), which follow the state's own in time. */
export const advanceDistance = (
  state: DistanceState,
  buffer: PositionBuffer,
  from = 0,
  to = buffer.count,
): DistanceState => {
  const meter = DistanceMeter.from(state);
  meter.advance(buffer, from, to);
  return meter.state();
};

/** Metres travelled along positions in time order. See DistanceMeter for what it leaves out. */
export const trackDistanceMeters = (buffer: PositionBuffer, from = 0, to = buffer.count): number => {
  const meter = new DistanceMeter();
  meter.advance(buffer, from, to);
  return meter.meters;
};
