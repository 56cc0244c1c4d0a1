import * as Type from "typebox";
import { pageQuery } from "./page.ts";
import { timeParameter } from "./time.ts";

/** Query parameters of a track: a range of time, a page of it, and its format. */
export const TRACK_QUERY = Type.Object({
  from: Type.Optional(timeParameter("First moment, inclusive")),
  to: Type.Optional(timeParameter("Last moment, inclusive")),
  ...pageQuery(10_000, 1000),
  format: Type.Optional(
    Type.Enum(["json", "geojson", "gpx", "csv"], {
      description: "Takes precedence over the header Accept",
    }),
  ),
});

/** What a track is besides JSON. */
export const TRACK_FILES = {
  "application/geo+json": Type.Unknown({
    description: "One Feature (RFC 7946): a LineString, with the property coordTimes",
  }),
  "application/gpx+xml": Type.String({ description: "GPX 1.1" }),
  "text/csv": Type.String({ description: "The course's columns; can be imported as a recording" }),
};
