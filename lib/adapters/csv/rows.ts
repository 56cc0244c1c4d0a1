import { parse } from "csv-parse/sync";

/** One row of the file: its fields, or why it has none. */
export interface Row {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly fields?: readonly string[];
  readonly rule?: string;
  readonly text: string;
}

/** A quoted text may go over a few lines; when it goes over more, its end is missing. */
const MAXIMUM_ROW_LINES = 20;

/**
 * Makes rows of lines. Most lines are a row by themselves. One with an open quote takes the next lines too, but only when
 * that gives as many fields as the header has: else a single missing quote would swallow the good rows that follow.
 */
export class RowAssembler {
  readonly #delimiter: string;
  readonly #fieldCount: number;
  #line: number;
  #held: string[] = [];

  /** `line`: of the first line that will be pushed. */
  constructor(delimiter: string, fieldCount: number, line: number) {
    this.#delimiter = delimiter;
    this.#fieldCount = fieldCount;
    this.#line = line;
  }

  /** The rows that are known with this line. */
  push(line: string): Row[] {
    const fields = line.split(this.#delimiter);
    // A quote in the middle of a field is a character like any other.
    if (this.#held.length === 0 && !fields.some((field) => field.startsWith('"'))) {
      const row = this.#row(fields, line);
      this.#line++;
      return row ? [row] : [];
    }
    this.#held.push(line);
    return this.#assemble(false);
  }

  /** The rows that waited for a line that did not come. */
  end(): Row[] {
    return this.#assemble(true);
  }

  #assemble(isEnd: boolean): Row[] {
    const rows: Row[] = [];
    while (this.#held.length > 0) {
      const lines = closedLines(this.#held);
      const text = this.#held.slice(0, Math.max(lines, 1)).join("\n");
      const fields = lines > 0 ? splitQuoted(text, this.#delimiter) : undefined;
      const complete = fields && (lines === 1 || fields.length === this.#fieldCount);
      if (lines === 0 && !isEnd && this.#held.length < MAXIMUM_ROW_LINES) return rows;
      const row = complete
        ? this.#row(fields, text)
        : { line: this.#line, text: this.#held[0], rule: "must have a closing quote for each opening one" };
      if (row) rows.push(row);
      const taken = complete ? lines : 1;
      this.#line += taken;
      this.#held = this.#held.slice(taken);
    }
    return rows;
  }

  /** Undefined for a line without content. */
  #row(fields: readonly string[], text: string): Row | undefined {
    if (text.trim() === "") return undefined;
    if (fields.length === this.#fieldCount) return { line: this.#line, fields, text };
    const rule = `must have ${this.#fieldCount} fields, as the header has, but has ${fields.length}`;
    return { line: this.#line, text, rule };
  }
}

/** How many lines from the first on have as many closing as opening quotes; 0 when no number has. */
const closedLines = (lines: readonly string[]): number => {
  let isOpen = false;
  for (const [index, line] of lines.entries()) {
    if ((line.split('"').length - 1) % 2 === 1) isOpen = !isOpen;
    if (!isOpen) return index + 1;
  }
  return 0;
};

/** The fields of one row with quotes; undefined when its quotes make no sense. */
export const splitQuoted = (text: string, delimiter: string): string[] | undefined => {
  try {
    const rows: string[][] = parse(text, { delimiter, relax_quotes: true, relax_column_count: true });
    return rows.length === 1 ? rows[0] : undefined;
  } catch {
    return undefined;
  }
};
