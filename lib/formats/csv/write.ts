import { POSITION_FIELDS } from "../../core/position/position.ts";
import type { PositionBuffer } from "../../core/position/position-buffer.ts";
import { decimal } from "../decimal.ts";

const HEADER = ["timestamp", ...POSITION_FIELDS.map(({ courseName }) => courseName)].join(",");

/**
 * Positions as CSV in the course's form, so that what is exported can be imported again and any of the
 * course's tools reads it: its column names, seconds since 1970 with milliseconds, an empty cell where a
 * field was not reported. Lossless. Every cell is a number or empty, so there is nothing to quote and no
 * library to do it.
 */
export const toCsv = (positions: PositionBuffer): string => {
  const lines = [HEADER];
  for (const position of positions) {
    const cells = POSITION_FIELDS.map(({ name }) => {
      const value = position[name];
      return value === undefined ? "" : decimal(name, value);
    });
    lines.push(`${(position.timestampMs / 1000).toFixed(3)},${cells.join(",")}`);
  }
  return `${lines.join("\n")}\n`;
};
