import type { TrackFile } from "./format.ts";
import { FORMATS } from "./registry.ts";

export type { TrackFile } from "./format.ts";

/** A format as a track is answered in it. */
export interface TrackFormat {
  readonly contentType: string;
  readonly encode: (track: TrackFile) => string;
}

type WritableFormat = Extract<(typeof FORMATS)[number], { readonly write: unknown }>;

/** Every format of files that tracks are offered in, in the order of preference. */
export const TRACK_FILE_FORMATS = Object.fromEntries(
  FORMATS.flatMap(({ name, mediaTypes, write }) => [[name, { contentType: mediaTypes[0], encode: write }]]),
) as Readonly<Record<WritableFormat["name"], TrackFormat>>;
