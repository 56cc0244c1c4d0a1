import { csv } from "./csv/format.ts";
import type { Format } from "./format.ts";
import { geojson } from "./geojson/format.ts";
import { gpx } from "./gpx/format.ts";

/**
 * Every format of files. In the order in which a file is held against them, and, for a caller who takes
 * several alike, in the order of preference. CSV comes last: any text may be one.
 */
export const FORMATS = [geojson, gpx, csv] as const satisfies readonly Format[];
