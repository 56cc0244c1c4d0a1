import { ABSENT, ACCURACY, LATITUDE, LONGITUDE, POSITION_FIELDS, SPEED } from "../position/position.ts";
import type { PositionBuffer } from "../position/position-buffer.ts";
import { cosineOfLatitude, haversineMeters } from "./haversine.ts";

/** What the distance filter keeps of a position; everything but the time in quanta of the position columns. */
export interface DistanceFix {
  readonly timestampMs: number;
  readonly latitude: number;
  readonly longitude: number;
  /** ABSENT when not reported. */
  readonly accuracy: number;
  /** ABSENT when not reported. */
  readonly speed: number;
}

/**
 * Where the distance filter stands after some positions: what it needs to go on with the next one. Plain numbers, so
 * that it can be stored with the device. `{ meters: 0 }` is the beginning of a track.
 */
export interface DistanceState {
  readonly meters: number;
  /** The place that `meters` reaches to, with the time it was last confirmed; absent before the first position. */
  readonly anchor?: DistanceFix;
  /** The device was last seen within noise of its anchor. */
  readonly standing?: boolean;
  /** A doubtful position after the anchor: the next one decides whether it counts. */
  readonly pending?: DistanceFix;
}

/** Faster than anything but a spacecraft: a hop that needs more is a glitch of one end, or its clock is not real time. */
const MAXIMUM_METERS_PER_MS = 350 / 1000;

/** An accuracy above this is poor: cell towers and Wi-Fi, not satellites. */
const POOR_ACCURACY_METERS = 100;
/**
 * A poor position is skipped only when it is also this much worse than the anchor, and the anchor is recent: a device
 * that has nothing better to tell is still tracked, with the distance gate that its accuracy asks for.
 */
const POOR_ACCURACY_RATIO = 3;
const POOR_ACCURACY_PATIENCE_MS = 60_000;

/** A reported speed below this is a standstill: Doppler noise of a good receiver is some 0.1 to 0.3 m/s. */
const STANDSTILL_METERS_PER_SECOND = 0.5;

/**
 * How far, in combined accuracies, a device at rest may seem to move. For circular noise whose 68 % radius is the
 * accuracy a displacement this large has a chance of 1 in 30,000 (P(d > k r) = exp(-1.14 k^2), r the combined radius).
 */
const NOISE_FACTOR = 3;
/** Assumed where accuracy is not reported: open sky gives 4.9 m (F. van Diggelen, P. Enge, ION GNSS+ 2015). */
const DEFAULT_ACCURACY_METERS = 5;
/** At rest a reported speed is believed as motion when it explains the displacement at least to this part. */
const EXPLAINED_PART = 0.5;
/** A departure shorter than this many noise gates must be seen twice. */
const CERTAIN_DEPARTURE_GATES = 2;

const quanta = (column: number, value: number): number => value * POSITION_FIELDS[column].quantaPerUnit;
const POOR_ACCURACY = quanta(ACCURACY, POOR_ACCURACY_METERS);
const DEFAULT_ACCURACY = quanta(ACCURACY, DEFAULT_ACCURACY_METERS);
const NOISE_METERS_PER_QUANTUM = NOISE_FACTOR / POSITION_FIELDS[ACCURACY].quantaPerUnit;
const TWICE_STANDSTILL_SPEED = quanta(SPEED, 2 * STANDSTILL_METERS_PER_SECOND);
const HALF_METERS_PER_QUANTUM_MS = 1 / POSITION_FIELDS[SPEED].quantaPerUnit / 1000 / 2;

/** A fix with the cosine of its latitude, written in place: the filter needs three of them, however long the track. */
class Fix {
  timestampMs = 0;
  latitude = 0;
  longitude = 0;
  accuracy = ABSENT;
  speed = ABSENT;
  cosine = 1;

  set(timestampMs: number, latitude: number, longitude: number, accuracy: number, speed: number): void {
    this.timestampMs = timestampMs;
    this.latitude = latitude;
    this.longitude = longitude;
    this.accuracy = accuracy;
    this.speed = speed;
    this.cosine = cosineOfLatitude(latitude);
  }

  restore({ timestampMs, latitude, longitude, accuracy, speed }: DistanceFix): void {
    this.set(timestampMs, latitude, longitude, accuracy, speed);
  }

  stored(): DistanceFix {
    const { timestampMs, latitude, longitude, accuracy, speed } = this;
    return { timestampMs, latitude, longitude, accuracy, speed };
  }
}

const metersBetween = (from: Fix, to: Fix): number =>
  haversineMeters(from.latitude, from.longitude, from.cosine, to.latitude, to.longitude, to.cosine);

const isImpossible = (meters: number, from: Fix, to: Fix): boolean =>
  meters > MAXIMUM_METERS_PER_MS * (to.timestampMs - from.timestampMs);

/** How far two fixes of one place may lie apart. */
const noiseMeters = (from: Fix, to: Fix): number => {
  const first = from.accuracy === ABSENT ? DEFAULT_ACCURACY : from.accuracy;
  const second = to.accuracy === ABSENT ? DEFAULT_ACCURACY : to.accuracy;
  return NOISE_METERS_PER_QUANTUM * Math.sqrt(first * first + second * second);
};

/** Twice the mean of both ends' reported speeds, in quanta; 0 at a reported standstill, and where one is not reported. */
const reportedMotion = (from: Fix, to: Fix): number => {
  if (from.speed === ABSENT || to.speed === ABSENT) return 0;
  const twiceSpeed = from.speed + to.speed;
  return twiceSpeed < TWICE_STANDSTILL_SPEED ? 0 : twiceSpeed;
};

const isMuchWorse = (fix: Fix, than: Fix): boolean =>
  fix.accuracy > POOR_ACCURACY && fix.accuracy > POOR_ACCURACY_RATIO * than.accuracy;

/**
 * The distance of a track, one position after the other in time order. Mutable, for loops over columns; advanceDistance
 * is the same as a pure function. What it leaves out:
 *
 * - a position of poor accuracy, while a much better one is recent;
 * - a glitch: impossible to reach from the position before and to leave for the one after, when the hop over it is
 *   possible. Where that is impossible too the clock is not real time (a replay at 100x), and nothing is left out;
 * - noise at rest. While the device reports that it does not move, or reports no speed at all, a displacement
 *   counts only beyond the noise that its accuracies explain; and one that barely is, from rest, only when the next position
 *   is not back again. A hop that is refused is not lost: the next is measured from the same anchor.
 *
 * A doubtful position counts when the next one has confirmed it, so the sum may be one hop behind; it never shrinks.
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

  /** Goes on with positions `from` (inclusive) to `to` (exclusive). */
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

  /** Stays where it is, and knows since when. A much better fix of the same place takes the anchor's part. */
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

  /** The next position has come: the doubtful one counts, unless it was a glitch or the device is back at rest. */
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

/** Metres travelled along positions in time order; what is left out, DistanceMeter says. */
export const trackDistanceMeters = (buffer: PositionBuffer, from = 0, to = buffer.count): number => {
  const meter = new DistanceMeter();
  meter.advance(buffer, from, to);
  return meter.meters;
};
