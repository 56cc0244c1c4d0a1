import type { PathStep, Point } from "./path.ts";

/** Where the car truly is at a moment, and how it moves. */
export interface Motion extends Point {
  readonly bearingDegrees: number;
  readonly speedMetersPerSecond: number;
  /** Distance driven since the start. */
  readonly meters: number;
  readonly skyHidden: number;
}

/** A relaxed driver, metres per second squared. */
const ACCELERATION = 1.5;
const BRAKING = 1.9;

/** The speed at every step: as fast as the limits allow, given how quickly a car gains and loses speed. */
const speedsAlong = (path: readonly PathStep[], stepMeters: readonly number[]): number[] => {
  const speeds = path.map((step) => (step.stopSeconds > 0 ? 0 : step.speedLimit));
  speeds[0] = 0;
  speeds[speeds.length - 1] = 0;
  for (let index = 1; index < speeds.length; index++) {
    const reachable = Math.sqrt(speeds[index - 1] ** 2 + 2 * ACCELERATION * stepMeters[index - 1]);
    speeds[index] = Math.min(speeds[index], reachable);
  }
  for (let index = speeds.length - 2; index >= 0; index--) {
    const stoppable = Math.sqrt(speeds[index + 1] ** 2 + 2 * BRAKING * stepMeters[index]);
    speeds[index] = Math.min(speeds[index], stoppable);
  }
  return speeds;
};

/**
 * The drive as a function of the seconds since the engine started; parked before the start and after the end.
 */
export interface Drive {
  readonly seconds: number;
  readonly meters: number;
  at(seconds: number): Motion;
}

/** Drives along the path: standing for `parkedSeconds` at both ends. */
export const driveAlong = (path: readonly PathStep[], parkedSeconds: number): Drive => {
  const stepMeters = path
    .slice(1)
    .map((step, index) => Math.hypot(step.east - path[index].east, step.north - path[index].north));
  const speeds = speedsAlong(path, stepMeters);
  const arrivals = [parkedSeconds];
  const meters = [0];
  for (let index = 1; index < path.length; index++) {
    const departure = arrivals[index - 1] + path[index - 1].stopSeconds;
    arrivals.push(departure + (2 * stepMeters[index - 1]) / (speeds[index - 1] + speeds[index]));
    meters.push(meters[index - 1] + stepMeters[index - 1]);
  }
  const last = path.length - 1;
  const standingAt = (index: number): Motion => ({
    ...path[index],
    speedMetersPerSecond: 0,
    meters: meters[index],
  });
  return {
    seconds: arrivals[last] + parkedSeconds,
    meters: meters[last],
    at(seconds) {
      const index = lastIndexNotAfter(arrivals, seconds);
      if (index < 0) return standingAt(0);
      if (index >= last) return standingAt(last);
      const onTheWay = seconds - arrivals[index] - path[index].stopSeconds;
      if (onTheWay < 0) return standingAt(index);
      const [here, there] = [path[index], path[index + 1]];
      const duration = arrivals[index + 1] - arrivals[index] - here.stopSeconds;
      const speedMetersPerSecond =
        speeds[index] + ((speeds[index + 1] - speeds[index]) * onTheWay) / duration;
      const part = (((speeds[index] + speedMetersPerSecond) / 2) * onTheWay) / stepMeters[index];
      return {
        east: here.east + (there.east - here.east) * part,
        north: here.north + (there.north - here.north) * part,
        bearingDegrees: here.bearingDegrees,
        speedMetersPerSecond,
        meters: meters[index] + stepMeters[index] * part,
        skyHidden: here.skyHidden,
      };
    },
  };
};

/** -1 when the first is after. */
const lastIndexNotAfter = (ascending: readonly number[], value: number): number => {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};
