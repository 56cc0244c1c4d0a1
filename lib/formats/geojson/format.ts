import type { Format } from "../format.ts";
import { toGeoJson } from "./write.ts";

export const geojson = {
  name: "geojson",
  mediaTypes: ["application/geo+json"],
  extensions: [".geojson"],
  detect: ({ text = "" }) => /^\s*\{/.test(text) && /"type"\s*:\s*"Feature(Collection)?"/.test(text),
  write: ({ name, positions, cursor }) => JSON.stringify(toGeoJson(name, positions, cursor)),
} as const satisfies Format;
