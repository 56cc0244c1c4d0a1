import type { Format } from "../format.ts";
import { readCsv } from "./read.ts";
import { toCsv } from "./write.ts";

/** One track a file. */
export const csv = {
  name: "csv",
  mediaTypes: ["text/csv"],
  extensions: [".csv"],
  // If a text is not CSV, the check of its header says what is wrong.
  detect: ({ text }) => text !== undefined,
  read: readCsv,
  write: ({ positions }) => toCsv(positions),
} as const satisfies Format;
