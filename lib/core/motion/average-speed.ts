import { ABSENT, POSITION_FIELDS, SPEED } from "../position/position.ts";
import type { PositionBuffer } from "../position/position-buffer.ts";
import { DistanceMeter } from "./distance.ts";
import { medianIntervalMs } from "./median-interval.ts";

/** The average over a window of a device's own time. */
export interface AverageSpeed {
  readonly averageSpeedMetersPerSecond: number;
  /** The share of the window that the positions cover, 0 to 1. The average is over that share. */
  readonly coverage: number;
  /** Positions inside the window, its ends included. */
  readonly positionCount: number;
}

/**
 * A gap is bridged up to this long, or up to this many median intervals where the device reports more rarely.
 */
const BRIDGED_GAP_MS = 30_000;
const BRIDGED_MEDIAN_INTERVALS = 3;

const METERS_PER_SECOND_PER_QUANTUM = 1 / POSITION_FIELDS[SPEED].quantaPerUnit;

/**
 * Integral in metres of a speed that goes linearly from one end of a hop to the other, over the part of the
 * hop that is in the window: the trapezoid rule, with linear interpolation where the window cuts.
 */
const trapezoidMeters = (
  hop: {
    readonly startMs: number;
    readonly endMs: number;
    readonly startSpeed: number;
    readonly endSpeed: number;
  },
  fromMs: number,
  toMs: number,
): number => {
  const { startMs, endMs, startSpeed, endSpeed } = hop;
  const slope = (endSpeed - startSpeed) / (endMs - startMs);
  const middleSpeed = startSpeed + slope * ((fromMs + toMs) / 2 - startMs);
  return (middleSpeed * (toMs - fromMs)) / 1000;
};

/** With nothing to integrate: the last reported speed, or 0. */
const lastReportedSpeed = ({ timestampsMs, columns, count }: PositionBuffer, toMs: number): number => {
  for (let index = count - 1; index >= 0; index--) {
    const speed = columns[SPEED][index];
    if (timestampsMs[index] <= toMs && speed !== ABSENT) return speed * METERS_PER_SECOND_PER_QUANTUM;
  }
  return 0;
};

/**
 * Average speed over the window from `fromMs` to `toMs`, in the time of the positions: the integral of the
 * reported speed by the trapezoid rule, divided by the time it covers. If an end of a hop reports no speed,
 * the hop's speed is its distance over its time, with noise at rest filtered as DistanceMeter does. Gaps
 * longer than max(30 s, 3 x median interval) are not bridged. With no coverage at all it is the last speed
 * that was reported by `toMs`, or 0.
 *
 * `buffer` is in time order, and should reach one position beyond each end of the window, for the
 * interpolation.
 */
export const averageSpeed = (buffer: PositionBuffer, fromMs: number, toMs: number): AverageSpeed => {
  const { timestampsMs, columns, count } = buffer;
  const speeds = columns[SPEED];
  const longestMs = Math.max(BRIDGED_GAP_MS, BRIDGED_MEDIAN_INTERVALS * (medianIntervalMs(buffer) ?? 0));
  const meter = new DistanceMeter();
  let positionCount = 0;
  let coveredMs = 0;
  let meters = 0;
  for (let index = 0; index < count; index++) {
    const endMs = timestampsMs[index];
    if (endMs >= fromMs && endMs <= toMs) positionCount++;
    const metersBefore = meter.meters;
    meter.advance(buffer, index, index + 1);
    if (index === 0) continue;
    const startMs = timestampsMs[index - 1];
    const partFromMs = Math.max(startMs, fromMs);
    const partToMs = Math.min(endMs, toMs);
    if (partToMs <= partFromMs || endMs - startMs > longestMs) continue;
    coveredMs += partToMs - partFromMs;
    if (speeds[index - 1] === ABSENT || speeds[index] === ABSENT) {
      meters += ((meter.meters - metersBefore) * (partToMs - partFromMs)) / (endMs - startMs);
    } else {
      const startSpeed = speeds[index - 1] * METERS_PER_SECOND_PER_QUANTUM;
      const endSpeed = speeds[index] * METERS_PER_SECOND_PER_QUANTUM;
      meters += trapezoidMeters({ startMs, endMs, startSpeed, endSpeed }, partFromMs, partToMs);
    }
  }
  return {
    averageSpeedMetersPerSecond:
      coveredMs > 0 ? (meters * 1000) / coveredMs : lastReportedSpeed(buffer, toMs),
    coverage: toMs > fromMs ? coveredMs / (toMs - fromMs) : 0,
    positionCount,
  };
};
