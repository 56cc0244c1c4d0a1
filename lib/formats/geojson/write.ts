import type { Position as Coordinates, Feature, LineString, Point } from "geojson";
import type { PositionBuffer } from "../../core/position/position-buffer.ts";

/** A track as one GeoJSON feature (RFC 7946). */
export interface TrackFeature extends Feature<LineString | Point | null> {
  readonly properties: {
    readonly deviceId: string;
    /** ISO 8601, one for each position, in their order. */
    readonly coordTimes: readonly string[];
  };
  /** Foreign member: where the next page starts. */
  readonly cursor?: string;
}

/** A line needs two positions; with one it is a point, and with none there is no geometry. */
const geometryOf = (coordinates: Coordinates[]): LineString | Point | null => {
  if (coordinates.length === 0) return null;
  return coordinates.length === 1
    ? { type: "Point", coordinates: coordinates[0] }
    : { type: "LineString", coordinates };
};

/**
 * Positions as a feature. Coordinates have an elevation when every position does: half of readers take lines
 * of mixed dimensions for broken. A line that crosses the antimeridian stays as it is: cutting it would tear
 * coordTimes apart.
 */
export const toGeoJson = (deviceId: string, positions: PositionBuffer, cursor?: string): TrackFeature => {
  const all = [...positions];
  const elevated = all.every(({ elevationMeters }) => elevationMeters !== undefined);
  const coordinates = all.map(({ longitude, latitude, elevationMeters }) =>
    elevated ? [longitude, latitude, elevationMeters ?? 0] : [longitude, latitude],
  );
  return {
    type: "Feature",
    geometry: geometryOf(coordinates),
    properties: { deviceId, coordTimes: all.map(({ timestampMs }) => new Date(timestampMs).toISOString()) },
    ...(cursor !== undefined && { cursor }),
  };
};
