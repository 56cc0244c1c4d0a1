import { toJson } from "../../../lib/core/position/parse-position.ts";
import type { Damage } from "../../../lib/core/track/damaged-segment.ts";
import { TRACK_FILE_FORMATS, type TrackFile } from "../../../lib/formats/track-formats.ts";
import { damagedJson } from "./damaged.ts";

/** One page of a device's track. */
export interface TrackPage extends TrackFile {
  readonly damaged: readonly Damage[];
}

/** In order of preference where a caller accepts several equally. */
export const FORMATS = {
  json: {
    contentType: "application/json",
    encode: ({ name: deviceId, positions, cursor, damaged }: TrackPage): unknown => ({
      deviceId,
      positions: Array.from(positions, toJson),
      cursor,
      damaged: damagedJson(damaged),
    }),
  },
  ...TRACK_FILE_FORMATS,
};
