/** Metres east and north of the drive's origin. */
export interface Point {
  readonly east: number;
  readonly north: number;
}

/** A corner of the route, and how the road to it is. */
export interface Waypoint extends Point {
  /** Radius of the bend at this corner, metres. */
  readonly bendRadius: number;
  /** On the road to this corner, metres per second. */
  readonly speedLimit: number;
  /** How much of the sky the houses along that road hide, 0 to 1. */
  readonly skyHidden: number;
  /** A stop on that road (a traffic light), that many metres before the corner, and how long it takes. */
  readonly stop?: { readonly metersBefore: number; readonly seconds: number };
}

/** A metre of the road. */
export interface PathStep extends Point {
  readonly bearingDegrees: number;
  /** The road's limit, or less in a bend. */
  readonly speedLimit: number;
  readonly skyHidden: number;
  readonly stopSeconds: number;
}

const STEP_METERS = 1;
/** What passengers find comfortable, metres per second squared. */
const LATERAL_ACCELERATION = 2.3;

const towards = (from: Point, to: Point) => {
  const [east, north] = [to.east - from.east, to.north - from.north];
  const length = Math.sqrt(east * east + north * north);
  return { length, east: east / length, north: north / length };
};

const bearingOf = (east: number, north: number): number =>
  ((((Math.atan2(east, north) * 180) / Math.PI) % 360) + 360) % 360;

/**
 * The way from the first waypoint to the last, metre by metre: straight roads, joined by circular bends that
 * touch both.
 */
export const pathThrough = (start: Point, waypoints: readonly Waypoint[]): PathStep[] => {
  const steps: PathStep[] = [];
  let from: Point = start;
  for (const [index, corner] of waypoints.entries()) {
    const road = towards(from, corner);
    const next = waypoints[index + 1];
    const bend = next && bendAt(corner, road, towards(corner, next));
    const straightMeters = road.length - (bend?.tangentMeters ?? 0);
    const stopAt = corner.stop ? Math.round((straightMeters - corner.stop.metersBefore) / STEP_METERS) : -1;
    const { speedLimit, skyHidden } = corner;
    for (let step = 0; step * STEP_METERS < straightMeters; step++) {
      const meters = step * STEP_METERS;
      steps.push({
        east: from.east + road.east * meters,
        north: from.north + road.north * meters,
        bearingDegrees: bearingOf(road.east, road.north),
        speedLimit,
        skyHidden,
        stopSeconds: step === stopAt ? (corner.stop?.seconds ?? 0) : 0,
      });
    }
    if (!bend) break;
    const limit = Math.min(speedLimit, Math.sqrt(LATERAL_ACCELERATION * corner.bendRadius));
    for (const point of bend.points) steps.push({ ...point, speedLimit: limit, skyHidden, stopSeconds: 0 });
    from = bend.end;
  }
  return steps;
};

type Direction = ReturnType<typeof towards>;

/**
 * The arc that leaves the road in at `tangentMeters` before the corner and meets the road out as far behind
 * it.
 */
const bendAt = (corner: Waypoint, roadIn: Direction, roadOut: Direction) => {
  const cross = roadIn.east * roadOut.north - roadIn.north * roadOut.east;
  const dot = roadIn.east * roadOut.east + roadIn.north * roadOut.north;
  const turn = Math.atan2(cross, dot);
  const tangentMeters = corner.bendRadius * Math.tan(Math.abs(turn) / 2);
  const begin = {
    east: corner.east - roadIn.east * tangentMeters,
    north: corner.north - roadIn.north * tangentMeters,
  };
  const side = Math.sign(turn);
  const center = {
    east: begin.east - roadIn.north * corner.bendRadius * side,
    north: begin.north + roadIn.east * corner.bendRadius * side,
  };
  const spoke = { east: begin.east - center.east, north: begin.north - center.north };
  const count = Math.max(1, Math.round((corner.bendRadius * Math.abs(turn)) / STEP_METERS));
  const points = Array.from({ length: count }, (_, index) => {
    const angle = (turn * index) / count;
    const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
    return {
      east: center.east + spoke.east * cosine - spoke.north * sine,
      north: center.north + spoke.east * sine + spoke.north * cosine,
      bearingDegrees: bearingOf(
        roadIn.east * cosine - roadIn.north * sine,
        roadIn.east * sine + roadIn.north * cosine,
      ),
    };
  });
  const end = {
    east: corner.east + roadOut.east * tangentMeters,
    north: corner.north + roadOut.north * tangentMeters,
  };
  return { points, end, tangentMeters };
};
