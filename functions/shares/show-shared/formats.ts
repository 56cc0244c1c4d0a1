import { toJson } from "../../../lib/core/position/parse-position.ts";
import { TRACK_FILE_FORMATS, type TrackFile } from "../../../lib/formats/track-formats.ts";

/** What a track is called in formats that ask for a name: the device's id is nobody's but its owner's. */
export const UNNAMED = "shared";

/** In the order of preference where a caller takes several alike. */
export const FORMATS = {
  json: {
    contentType: "application/json",
    encode: ({ name, positions, cursor }: TrackFile): unknown => ({
      ...(name !== UNNAMED && { name }),
      positions: Array.from(positions, toJson),
      cursor,
    }),
  },
  ...TRACK_FILE_FORMATS,
};
