import { cosineOfLatitude, haversineMeters } from "../motion/haversine.ts";
import { LATITUDE, LONGITUDE, POSITION_FIELDS } from "../position/position.ts";
import type { PositionBuffer } from "../position/position-buffer.ts";

/** A box of degrees, its edges included. Where west is greater than east it crosses the antimeridian. */
export interface Area {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

export interface Circle {
  readonly latitude: number;
  readonly longitude: number;
  readonly radiusMeters: number;
}

/** Which places are shown: those inside of the area, where there is one, and inside of no hidden circle. */
export interface PlaceBounds {
  readonly area?: Area;
  readonly hidden: readonly Circle[];
}

/** Whether the position at an index of a buffer is shown. */
export type PlaceFilter = (positions: PositionBuffer, index: number) => boolean;

const quanta = (column: number, degrees: number): number => degrees * POSITION_FIELDS[column].quantaPerUnit;
const HALF_TURN = quanta(LONGITUDE, 180);

type IsShown = (latitude: number, longitude: number) => boolean;

const isWithin = ({ west, south, east, north }: Area): IsShown => {
  const [southQuanta, northQuanta] = [quanta(LATITUDE, south), quanta(LATITUDE, north)];
  const [westQuanta, eastQuanta] = [quanta(LONGITUDE, west), quanta(LONGITUDE, east)];
  const crosses = west > east;
  const isBetween = (longitude: number): boolean =>
    crosses
      ? longitude >= westQuanta || longitude <= eastQuanta
      : longitude >= westQuanta && longitude <= eastQuanta;
  return (latitude, longitude) => {
    if (latitude < southQuanta || latitude > northQuanta) return false;
    // 180 and -180 degrees are one meridian.
    return isBetween(longitude) || (Math.abs(longitude) === HALF_TURN && isBetween(-longitude));
  };
};

const isOutside = ({ latitude, longitude, radiusMeters }: Circle): IsShown => {
  const centre = [quanta(LATITUDE, latitude), quanta(LONGITUDE, longitude)] as const;
  const cosine = cosineOfLatitude(centre[0]);
  return (latitude, longitude) =>
    haversineMeters(...centre, cosine, latitude, longitude, cosineOfLatitude(latitude)) > radiusMeters;
};

/** The filter of some bounds, made once for many positions. */
export const placeFilter = ({ area, hidden }: PlaceBounds): PlaceFilter => {
  const conditions = [...(area ? [isWithin(area)] : []), ...hidden.map(isOutside)];
  return ({ columns }, index) =>
    conditions.every((isShown) => isShown(columns[LATITUDE][index], columns[LONGITUDE][index]));
};
