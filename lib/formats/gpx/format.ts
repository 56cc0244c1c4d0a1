import type { Format } from "../format.ts";
import { toGpx } from "./write.ts";

export const gpx = {
  name: "gpx",
  mediaTypes: ["application/gpx+xml"],
  extensions: [".gpx"],
  detect: ({ text = "" }) => /^\s*<(\?xml|!--|gpx)/.test(text) && /<gpx[\s>]/.test(text),
  write: ({ name, positions }) => toGpx(name, positions),
} as const satisfies Format;
