import type { Format } from "../format.ts";
import { readCsv } from "./read.ts";
import { toCsv } from "./write.ts";

/** One track a file. */
export const csv = {
  name: "csv",
  mediaTypes: ["text/csv"],
  extensions: [".csv"],
  // What is wrong with a text that is none is told by its header.
  detect: ({ text }) => text !== undefined,
  read: readCsv,
  write: ({ positions }) => toCsv(positions),
} as const satisfies Format;
