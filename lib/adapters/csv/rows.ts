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
  #held: HeldLine[] = [];

  /** `line`: of the first line that will be pushed. */
  constructor(delimiter: string, fieldCount: number, line: number) {
    this.#delimiter = delimiter;
    this.#fieldCount = fieldCount;
    this.#line = line;
  }

  /** The rows that are known with this line. */
  push(line: string): readonly Row[] {
    if (this.#held.length === 0) {
      const fields = line.split(this.#delimiter);
      // A quote in the middle of a field is a character like any other.
      if (!(line.includes('"') && fields.some((field) => field.startsWith('"')))) {
        const row = this.#row(fields, line);
        this.#line++;
        return row ? [row] : NO_ROWS;
      }
    }
    this.#held.push({ text: line, hasOddQuotes: hasOddQuotes(line) });
    return this.#assemble(false);
  }

  /** The rows that waited for a line that did not come. */
  end(): readonly Row[] {
    return this.#assemble(true);
  }

  #assemble(isEnd: boolean): readonly Row[] {
    const rows: Row[] = [];
    while (this.#held.length > 0) {
      const lines = closedLines(this.#held);
      if (lines === 0 && !isEnd && this.#held.length < MAXIMUM_ROW_LINES) return rows;
      const row = (lines > 0 && this.#quotedRow(lines)) || {
        line: this.#line,
        text: this.#held[0].text,
        rule: "must have a closing quote for each opening one",
        lines: 1,
      };
      if (row.text.trim() !== "") rows.push(row);
      this.#line += row.lines;
      this.#held = this.#held.slice(row.lines);
    }
    return rows;
  }

  /** The row that the first held lines make together; undefined when they make none. */
  #quotedRow(lines: number): (Row & { readonly lines: number }) | undefined {
    const text = lines === 1 ? this.#held[0].text : joined(this.#held, lines);
    const fields = splitQuoted(text, this.#delimiter);
    if (!fields || (lines > 1 && fields.length !== this.#fieldCount)) return undefined;
    const row = this.#row(fields, text);
    return { ...(row ?? { line: this.#line, text }), lines };
  }

  /** Undefined for a line without content. */
  #row(fields: readonly string[], text: string): Row | undefined {
    if (fields.length === this.#fieldCount) {
      return text.trim() === "" ? undefined : { line: this.#line, fields, text };
    }
    if (text.trim() === "") return undefined;
    const rule = `must have ${this.#fieldCount} fields, as the header has, but has ${fields.length}`;
    return { line: this.#line, text, rule };
  }
}

const NO_ROWS: readonly Row[] = [];

interface HeldLine {
  readonly text: string;
  readonly hasOddQuotes: boolean;
}

const hasOddQuotes = (line: string): boolean => {
  let isOdd = false;
  for (let at = line.indexOf('"'); at !== -1; at = line.indexOf('"', at + 1)) isOdd = !isOdd;
  return isOdd;
};

/** How many lines from the first on have as many closing as opening quotes; 0 when no number has. */
const closedLines = (lines: readonly HeldLine[]): number => {
  let isOpen = false;
  for (let index = 0; index < lines.length; index++) {
    if (lines[index].hasOddQuotes) isOpen = !isOpen;
    if (!isOpen) return index + 1;
  }
  return 0;
};

const joined = (held: readonly HeldLine[], lines: number): string => {
  let text = held[0].text;
  for (let index = 1; index < lines; index++) text += `\n${held[index].text}`;
  return text;
};

/**
 * The fields of one row with quotes; undefined when one is not closed. A field in quotes may hold delimiters, line ends and, doubled,
 * quotes. One that goes on behind its closing quote is taken as it is written, up to the next delimiter.
 */
export const splitQuoted = (text: string, delimiter: string): string[] | undefined => {
  const fields: string[] = [];
  for (let from = 0; ; ) {
    let to: number;
    if (text[from] === '"') {
      const close = closingQuote(text, from);
      if (close === -1) return undefined;
      to = close + 1;
      if (to === text.length || text[to] === delimiter) {
        fields.push(text.slice(from + 1, close).replaceAll('""', '"'));
        if (to === text.length) return fields;
        from = to + 1;
        continue;
      }
    } else to = from;
    const end = text.indexOf(delimiter, to);
    fields.push(end === -1 ? text.slice(from) : text.slice(from, end));
    if (end === -1) return fields;
    from = end + 1;
  }
};

const closingQuote = (text: string, from: number): number => {
  let at = text.indexOf('"', from + 1);
  while (at !== -1 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
};
