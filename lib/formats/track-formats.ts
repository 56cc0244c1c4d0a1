import type { PositionBuffer } from "../core/position/position-buffer.ts";
import { toCsv } from "./csv/write.ts";
import { toGeoJson } from "./geojson/write.ts";
import { toGpx } from "./gpx/write.ts";

/** One page of a track, as a file. */
export interface TrackFile {
  /** What the track is called, where a format has a place for it. */
  readonly name: string;
  readonly positions: PositionBuffer;
  /** Of the next page. */
  readonly cursor?: string;
}

/** The formats of files that a track is offered in, besides JSON. */
export const TRACK_FILE_FORMATS = {
  geojson: {
    contentType: "application/geo+json",
    encode: ({ name, positions, cursor }: TrackFile): string =>
      JSON.stringify(toGeoJson(name, positions, cursor)),
  },
  gpx: {
    contentType: "application/gpx+xml",
    encode: ({ name, positions }: TrackFile): string => toGpx(name, positions),
  },
  csv: {
    contentType: "text/csv",
    encode: ({ positions }: TrackFile): string => toCsv(positions),
  },
} as const;
