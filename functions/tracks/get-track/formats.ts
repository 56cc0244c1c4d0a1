import { toJson } from "../../../lib/core/position/parse-position.ts";
import type { PositionBuffer } from "../../../lib/core/position/position-buffer.ts";
import type { Damage } from "../../../lib/core/track/damaged-segment.ts";
import { toCsv } from "../../../lib/formats/csv/write.ts";
import { toGeoJson } from "../../../lib/formats/geojson/write.ts";
import { toGpx } from "../../../lib/formats/gpx/write.ts";
import { preferredType } from "../../../lib/runtime/accept.ts";
import { TransportError } from "../../../lib/runtime/error-map.ts";
import { damagedJson } from "./damaged.ts";

/** One page of a device's track. */
export interface TrackPage {
  readonly deviceId: string;
  readonly positions: PositionBuffer;
  readonly cursor?: string;
  readonly damaged: readonly Damage[];
}

export interface TrackFormat {
  readonly contentType: string;
  readonly encode: (page: TrackPage) => unknown;
}

/** In the order of preference where a caller takes several alike. */
const FORMATS = {
  json: {
    contentType: "application/json",
    encode: ({ deviceId, positions, cursor, damaged }) => ({
      deviceId,
      positions: Array.from(positions, toJson),
      cursor,
      damaged: damagedJson(damaged),
    }),
  },
  geojson: {
    contentType: "application/geo+json",
    encode: ({ deviceId, positions, cursor }) => JSON.stringify(toGeoJson(deviceId, positions, cursor)),
  },
  gpx: {
    contentType: "application/gpx+xml",
    encode: ({ deviceId, positions }) => toGpx(deviceId, positions),
  },
  csv: {
    contentType: "text/csv",
    encode: ({ positions }) => toCsv(positions),
  },
} as const satisfies Record<string, TrackFormat>;

export type FormatName = keyof typeof FORMATS;

/** The format that the query names, else the one that `Accept` wants most. */
export const chooseFormat = (name: FormatName | undefined, accept: string | undefined): TrackFormat => {
  if (name !== undefined) return FORMATS[name];
  const offered = Object.values(FORMATS).map(({ contentType }) => contentType);
  const type = preferredType(accept, offered);
  const format = Object.values(FORMATS).find(({ contentType }) => contentType === type);
  if (!format) throw new TransportError("not-acceptable", `a track is offered as ${offered.join(", ")}`);
  return format;
};
