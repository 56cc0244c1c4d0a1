import { ABSENT, ACCURACY, POSITION_FIELDS, SPEED } from "../position/position.ts";
import { cosineOfLatitude, haversineMeters } from "./haversine.ts";

/**
 * What the distance filter keeps of a position; everything but the time in quanta of the position columns.
 */
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
 * Faster than anything but a spacecraft: a hop that needs more is a glitch of one end, or its clock is not
 * real time.
 */
const MAXIMUM_METERS_PER_MS = 350 / 1000;

/** An accuracy above this is poor: cell towers and Wi-Fi, not satellites. */
const POOR_ACCURACY_METERS = 100;
/** It must also be this much worse than another: a device with nothing better to report is still tracked. */
const POOR_ACCURACY_RATIO = 3;

/** A reported speed below this is a standstill: Doppler noise of a good receiver is about 0.1 to 0.3 m/s. */
export const STANDSTILL_METERS_PER_SECOND = 0.5;

/**
 * How far, in combined accuracies, a device at rest may seem to move. For circular noise whose 68 % radius is
 * the accuracy a displacement this large has a chance of 1 in 30,000 (P(d > k r) = exp(-1.14 k^2), r the
 * combined radius).
 */
const NOISE_FACTOR = 3;
/**
 * Assumed where accuracy is not reported: open sky gives 4.9 m (F. van Diggelen, P. Enge, ION GNSS+ 2015).
 */
const DEFAULT_ACCURACY_METERS = 5;
const quanta = (column: number, value: number): number => value * POSITION_FIELDS[column].quantaPerUnit;
const POOR_ACCURACY = quanta(ACCURACY, POOR_ACCURACY_METERS);
const DEFAULT_ACCURACY = quanta(ACCURACY, DEFAULT_ACCURACY_METERS);
const NOISE_METERS_PER_QUANTUM = NOISE_FACTOR / POSITION_FIELDS[ACCURACY].quantaPerUnit;
const TWICE_STANDSTILL_SPEED = quanta(SPEED, 2 * STANDSTILL_METERS_PER_SECOND);

/**
 * A fix with the cosine of its latitude, written in place: the filter needs three of them, however long the
 * track.
 */
export class Fix {
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

export const metersBetween = (from: Fix, to: Fix): number =>
  haversineMeters(from.latitude, from.longitude, from.cosine, to.latitude, to.longitude, to.cosine);

export const isImpossible = (meters: number, from: Fix, to: Fix): boolean =>
  meters > MAXIMUM_METERS_PER_MS * (to.timestampMs - from.timestampMs);

/** How far two fixes of one place may lie apart. */
export const noiseMeters = (from: Fix, to: Fix): number => {
  const first = from.accuracy === ABSENT ? DEFAULT_ACCURACY : from.accuracy;
  const second = to.accuracy === ABSENT ? DEFAULT_ACCURACY : to.accuracy;
  return NOISE_METERS_PER_QUANTUM * Math.sqrt(first * first + second * second);
};

/**
 * Twice the mean of both ends' reported speeds, in quanta; 0 at a reported standstill, and where one is not
 * reported.
 */
export const reportedMotion = (from: Fix, to: Fix): number => {
  if (from.speed === ABSENT || to.speed === ABSENT) return 0;
  const twiceSpeed = from.speed + to.speed;
  return twiceSpeed < TWICE_STANDSTILL_SPEED ? 0 : twiceSpeed;
};

/** Poor, and out of scale with another. */
export const isMuchWorse = (fix: Fix, than: Fix): boolean =>
  fix.accuracy > POOR_ACCURACY && fix.accuracy > POOR_ACCURACY_RATIO * than.accuracy;
