import { type Drive, driveAlong } from "./motion.ts";
import { pathThrough, type Waypoint } from "./path.ts";
import { driftingError, type Random, seededRandom } from "./random.ts";

/*
 * The project's own sample: a quarter of an hour around a town, invented road by road, with what real
 * recordings have: parked at both ends, traffic lights, bends, a ring road, hills, a receiver that sees less
 * sky between houses. It ends where it begins, so that a replay in a loop does not jump.
 */

const SEED = 20_261_120;
const STARTED_AT_SECONDS = Date.UTC(2026, 2, 14, 7, 41, 12) / 1000;
const ORIGIN = { latitude: 46.0512, longitude: 14.5063 };
const PARKED_SECONDS = 18;
const METERS_PER_DEGREE = (6_371_008.8 * Math.PI) / 180;

const KILOMETERS_PER_HOUR = 1 / 3.6;
const [LANE, STREET, AVENUE, RING] = [30, 50, 60, 80].map((limit) => limit * KILOMETERS_PER_HOUR);

const to = (
  east: number,
  north: number,
  bendRadius: number,
  speedLimit: number,
  skyHidden: number,
  stop?: Waypoint["stop"],
): Waypoint => ({ east, north, bendRadius, speedLimit, skyHidden, stop });

const ROUTE: readonly Waypoint[] = [
  to(190, 12, 9, LANE, 0.5),
  to(205, 330, 12, STREET, 0.7, { metersBefore: 14, seconds: 21 }),
  to(630, 365, 14, STREET, 0.8, { metersBefore: 160, seconds: 12 }),
  to(700, 770, 14, STREET, 0.6, { metersBefore: 10, seconds: 33 }),
  to(1160, 870, 30, STREET, 0.4),
  to(1510, 1160, 90, AVENUE, 0.2),
  to(1910, 1900, 380, RING, 0.05),
  to(1760, 2900, 520, RING, 0.05),
  to(900, 3450, 520, RING, 0),
  to(-200, 3310, 420, RING, 0.05),
  to(-900, 2600, 130, RING, 0.1),
  to(-860, 1810, 30, AVENUE, 0.3, { metersBefore: 18, seconds: 26 }),
  to(-500, 1350, 20, STREET, 0.5),
  to(-560, 800, 16, STREET, 0.7, { metersBefore: 220, seconds: 8 }),
  to(-310, 425, 12, STREET, 0.8, { metersBefore: 12, seconds: 29 }),
  to(-325, -14, 10, LANE, 0.7),
  to(0, 0, 0, LANE, 0.5),
];

/** The course's names, in its order. */
const COLUMNS =
  "timestamp,latitude,longitude,elevation,accuracy,bearing,speed_meters_per_second,satellites,hdop,vdop,pdop,distance_meters,elapsed_time_seconds";

/** Height above the ellipsoid: two hills, and the same at the end as at the beginning. */
const elevationAt = (part: number): number =>
  312 + 24 * Math.sin(2 * Math.PI * part - 1.1) + 7 * Math.sin(6 * Math.PI * part + 0.4);

/** Distance between two nearby fixes: at this scale the earth is flat. */
const metersBetween = (one: Fix, other: Fix): number =>
  Math.hypot(
    (other.latitude - one.latitude) * METERS_PER_DEGREE,
    (other.longitude - one.longitude) * METERS_PER_DEGREE * Math.cos((one.latitude * Math.PI) / 180),
  );

interface Fix {
  readonly seconds: number;
  readonly latitude: number;
  readonly longitude: number;
  /** The columns between the place and the distance, as text. */
  readonly report: readonly string[];
}

/**
 * A receiver that reports about once a second, sometimes misses one, and is less accurate the less sky it
 * sees.
 */
const receive = (drive: Drive, random: Random): Fix[] => {
  const [eastError, northError] = [driftingError(random, 45), driftingError(random, 45)];
  const [heightError, skyChange] = [driftingError(random, 60), driftingError(random, 25)];
  const cosine = Math.cos((ORIGIN.latitude * Math.PI) / 180);
  const fixes: Fix[] = [];
  let bearing = drive.at(0).bearingDegrees;
  let elapsed = 0;
  for (let seconds = 0; seconds < drive.seconds; seconds += elapsed) {
    const motion = drive.at(seconds);
    const hidden = Math.min(1, Math.max(0, motion.skyHidden + 0.12 * skyChange(elapsed)));
    const hdop = 0.7 + 1.3 * hidden + 0.05 * random.uniform();
    const vdop = hdop * 1.5;
    const accuracy = 3 + 4 * (hdop - 0.7) + 0.6 * random.uniform();
    const deviation = accuracy * 0.3;
    const east = motion.east + deviation * eastError(elapsed);
    const north = motion.north + deviation * northError(elapsed);
    const elevation = elevationAt(motion.meters / drive.meters) + 1.5 * deviation * heightError(elapsed);
    // The speed comes from Doppler, so it is far better than the difference of two places; at a stop the
    // bearing stays.
    const speed = Math.max(0, motion.speedMetersPerSecond + 0.06 * random.normal());
    if (speed > 0.8) bearing = (motion.bearingDegrees + 1.2 * random.normal() + 360) % 360;
    fixes.push({
      seconds,
      latitude: ORIGIN.latitude + north / METERS_PER_DEGREE,
      longitude: ORIGIN.longitude + east / (METERS_PER_DEGREE * cosine),
      report: [
        elevation.toFixed(2),
        accuracy.toFixed(1),
        bearing.toFixed(1),
        speed.toFixed(2),
        Math.round(19 - 9 * hidden + random.uniform()).toFixed(0),
        hdop.toFixed(1),
        vdop.toFixed(1),
        Math.sqrt(hdop * hdop + vdop * vdop).toFixed(1),
      ],
    });
    elapsed = (random.uniform() < 0.012 ? 2 : 1) + 0.04 * (random.uniform() - 0.5);
  }
  return fixes;
};

/** The sample drive as a CSV file in the course's form; the same bytes at every call. */
export const sampleDriveCsv = (): string => {
  const drive = driveAlong(pathThrough({ east: 0, north: 0 }, ROUTE), PARKED_SECONDS);
  const fixes = receive(drive, seededRandom(SEED));
  const rows = fixes.map((fix, index) => {
    const before = fixes[index - 1] ?? fix;
    return [
      (STARTED_AT_SECONDS + fix.seconds).toFixed(3),
      fix.latitude.toFixed(7),
      fix.longitude.toFixed(7),
      ...fix.report,
      metersBetween(before, fix).toFixed(2),
      (fix.seconds - before.seconds).toFixed(3),
    ].join(",");
  });
  return `${[COLUMNS, ...rows].join("\n")}\n`;
};
