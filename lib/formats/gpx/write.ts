import XMLBuilder from "fast-xml-builder";
import type { Position, PositionField } from "../../core/position/position.ts";
import type { PositionBuffer } from "../../core/position/position-buffer.ts";
import { decimal } from "../decimal.ts";

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: "@" });

/** An element of that name when the field was reported; the schema fixes the order of elements. */
const element = (tag: string, position: Position, name: PositionField["name"]) => {
  const value = position[name];
  return value === undefined ? {} : { [tag]: decimal(name, value) };
};

/** GPX 1.1 itself has no speed and no course; Garmin's extension has both, and most readers know it. */
const extensions = (position: Position) => {
  const { speedMetersPerSecond, bearingDegrees } = position;
  if (speedMetersPerSecond === undefined && bearingDegrees === undefined) return {};
  // The schema's degrees end below 360.
  const course = bearingDegrees === 360 ? { ...position, bearingDegrees: 0 } : position;
  return {
    extensions: {
      "gpxtpx:TrackPointExtension": {
        ...element("gpxtpx:speed", position, "speedMetersPerSecond"),
        ...element("gpxtpx:course", course, "bearingDegrees"),
      },
    },
  };
};

const trackPoint = (position: Position) => ({
  "@lat": decimal("latitude", position.latitude),
  // The schema's longitudes end below 180, which is the meridian of -180.
  "@lon": decimal("longitude", position.longitude === 180 ? -180 : position.longitude),
  ...element("ele", position, "elevationMeters"),
  time: new Date(position.timestampMs).toISOString(),
  ...element("sat", position, "satellites"),
  ...element("hdop", position, "hdop"),
  ...element("vdop", position, "vdop"),
  ...element("pdop", position, "pdop"),
  ...extensions(position),
});

/** What XML 1.0 allows in no form: most control characters, U+FFFE, U+FFFF and halves of pairs. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/**
 * Positions as a GPX 1.1 track of one segment. Accuracy, and distance and time since the position before,
 * have no place in GPX and are left out; CSV and JSON have them.
 */
export const toGpx = (name: string, positions: PositionBuffer): string =>
  builder.build({
    "?xml": { "@version": "1.0", "@encoding": "UTF-8" },
    gpx: {
      "@version": "1.1",
      "@creator": "Backtrack",
      "@xmlns": "http://www.topografix.com/GPX/1/1",
      "@xmlns:gpxtpx": "http://www.garmin.com/xmlschemas/TrackPointExtension/v2",
      trk: { name: name.replace(FORBIDDEN, ""), trkseg: { trkpt: Array.from(positions, trackPoint) } },
    },
  });
