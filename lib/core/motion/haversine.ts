import { LATITUDE, LONGITUDE, POSITION_FIELDS } from "../position/position.ts";

/** Mean radius (2a + b) / 3 of the WGS 84 ellipsoid, as the IUGG defines it. */
export const EARTH_RADIUS_METERS = 6_371_008.8;

const radiansPerQuantum = (column: number): number => Math.PI / 180 / POSITION_FIELDS[column].quantaPerUnit;
const LATITUDE_RADIANS = radiansPerQuantum(LATITUDE);
const LONGITUDE_RADIANS = radiansPerQuantum(LONGITUDE);

/**
 * Below this half angle (about 13 km on the ground) two terms of a series are as exact as the functions, and
 * faster.
 */
const SMALL_RADIANS = 1e-3;

/** sin x = x - x^3/6 + x^5/120 - ...; what is cut off is below one part in 10^21 of x. */
const sine = (radians: number): number => {
  if (radians > SMALL_RADIANS || radians < -SMALL_RADIANS) return Math.sin(radians);
  const square = radians * radians;
  return radians * (1 - (square / 6) * (1 - square / 20));
};

/** asin x = x + x^3/6 + 3 x^5/40 + ...; what is cut off is below one part in 10^19 of x. */
const arcsine = (value: number): number => {
  if (value > SMALL_RADIANS) return Math.asin(value);
  const square = value * value;
  return value * (1 + (square / 6) * (1 + (square * 9) / 20));
};

/**
 * Cosine of a quantised latitude: the part of the formula that belongs to one position, worth keeping with
 * it.
 */
export const cosineOfLatitude = (latitude: number): number => Math.cos(latitude * LATITUDE_RADIANS);

/**
 * Great-circle distance in metres between two places in quanta of the position columns, by the haversine
 * formula (R. W. Sinnott, "Virtues of the Haversine", Sky and Telescope 68, 1984): exact for the shortest
 * hops, over the poles and over the antimeridian. The two cosines are those of cosineOfLatitude.
 */
export const haversineMeters = (
  latitude1: number,
  longitude1: number,
  cosine1: number,
  latitude2: number,
  longitude2: number,
  cosine2: number,
): number => {
  const north = sine(((latitude2 - latitude1) * LATITUDE_RADIANS) / 2);
  const east = sine(((longitude2 - longitude1) * LONGITUDE_RADIANS) / 2);
  const haversine = north * north + cosine1 * cosine2 * east * east;
  // Rounding can lift the haversine of antipodes a hair above 1, where the arcsine ends.
  return 2 * EARTH_RADIUS_METERS * arcsine(Math.sqrt(haversine < 1 ? haversine : 1));
};
