import { readFileSync } from "node:fs";
import { SAMPLE } from "../whole-track.ts";

/** Part of the sample drive as a file of its own: the header, and these rows, counted from 0. */
export const samplePart = (from: number, to: number): string => {
  const [header, ...rows] = readFileSync(SAMPLE, "utf8").trimEnd().split("\n");
  return `${[header, ...rows.slice(from, to)].join("\n")}\n`;
};
