import { type JsonScanner, UNCLOSED } from "./json-scanner.ts";

/** Where a text stops being JSON. JavaScript engines word this differently, and some errors have no place. */
export interface JsonErrorPlace {
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in UTF-16 units. */
  readonly column: number;
  /** For example `expected "," or "]", found "}"`. */
  readonly reason: string;
}

const NEWLINE = 0x0a;

const decoder = new TextDecoder();

/** Where a scanner failed, with lines counted from the byte `from`. */
export const errorPlace = ({ bytes, at, end, expected }: JsonScanner, from = 0): JsonErrorPlace => {
  let line = 1;
  let lineFrom = from;
  for (let index = from; index < at; index++) {
    if (bytes[index] !== NEWLINE) continue;
    line++;
    lineFrom = index + 1;
  }
  const column = decoder.decode(bytes.subarray(lineFrom, at)).length + 1;
  if (expected === UNCLOSED) {
    return {
      line,
      column,
      reason: "this text is not closed, or holds an invalid escape or control character",
    };
  }
  return { line, column, reason: `expected ${expected}, found ${found(bytes, at, end)}` };
};

const found = (bytes: Uint8Array, at: number, end: number): string => {
  if (at >= end) return "the end";
  // No character takes more than four bytes.
  const [character] = decoder.decode(bytes.subarray(at, Math.min(end, at + 4)));
  return JSON.stringify(character);
};
