/** One row of the file: its fields, or why it has none. */
export interface Row {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly fields?: readonly string[];
  /** Not made before it is asked for: a file may hold millions of rows that break it. */
  readonly rule?: () => string;
  readonly text: string;
}

export type TakeRow = (row: Row) => void;

/** A quoted text may go over a few lines; when it goes over more, its end is missing. */
const MAXIMUM_ROW_LINES = 20;

/**
 * Makes rows of lines. Most lines are a row by themselves. One with an open quote takes the next lines too,
 * but only when that gives as many fields as the header has: else a single missing quote would swallow the
 * good rows that follow.
 */
export class RowAssembler {
  readonly #delimiter: string;
  readonly #quotedField: string;
  readonly #fieldCount: number;
  #line: number;
  /** Lines of which no number from the first on has as many closing as opening quotes. */
  #held: string[] = [];
  #charactersRead = 0;

  /** `line`: of the first line that will be pushed. */
  constructor(delimiter: string, fieldCount: number, line: number) {
    this.#delimiter = delimiter;
    this.#quotedField = `${delimiter}"`;
    this.#fieldCount = fieldCount;
    this.#line = line;
  }

  /** How often a character was read: a few times each, whatever the file holds. */
  get charactersRead(): number {
    return this.#charactersRead;
  }

  /** Hands on the rows that are known with this line. */
  push(line: string, take: TakeRow): void {
    this.#charactersRead += line.length + 1;
    if (this.#held.length === 0 && !this.#hasQuotedField(line)) {
      this.#plainRow(line, take);
      return;
    }
    this.#held.push(line);
    const isClosed = hasOddQuotes(line) === this.#held.length > 1;
    if (isClosed) {
      if (!this.#quotedRow(take)) this.#giveUpFirst(take);
    } else if (this.#held.length >= MAXIMUM_ROW_LINES) this.#giveUpFirst(take);
  }

  /** Hands on the rows that waited for a line that did not come. */
  end(take: TakeRow): void {
    while (this.#held.length > 0) this.#giveUpFirst(take);
  }

  /** A quote in the middle of a field is a character like any other. */
  #hasQuotedField(line: string): boolean {
    return line.startsWith('"') || line.includes(this.#quotedField);
  }

  #plainRow(text: string, take: TakeRow): void {
    const line = this.#line++;
    const fields = this.#plainFields(text);
    if (!fields) this.#wrongCount(line, text, countOf(text, this.#delimiter) + 1, take);
    else if (text.trim() !== "") take({ line, fields, text });
  }

  /** Undefined where there are more or fewer than the header has; split() would make all of them first. */
  #plainFields(text: string): string[] | undefined {
    const fields: string[] = [];
    let from = 0;
    for (let count = 1; count < this.#fieldCount; count++) {
      const to = text.indexOf(this.#delimiter, from);
      if (to === -1) return undefined;
      fields.push(text.slice(from, to));
      from = to + 1;
    }
    if (text.indexOf(this.#delimiter, from) !== -1) return undefined;
    fields.push(text.slice(from));
    return fields;
  }

  /** A line without content is no row. */
  #wrongCount(line: number, text: string, count: number, take: TakeRow): void {
    if (text.trim() === "") return;
    const rule = () => `must have ${this.#fieldCount} fields, as the header has, but has ${count}`;
    take({ line, text, rule });
  }

  /** Hands on the row that the held lines make together; false when they make none. */
  #quotedRow(take: TakeRow): boolean {
    const held = this.#held;
    // Lines that hold too few delimiters for a row are not put together: that costs more than to count.
    if (held.length > 1 && !this.#mayBeRow(held)) return false;
    const text = held.length === 1 ? held[0] : held.join("\n");
    this.#charactersRead += text.length;
    const fields = splitQuoted(text, this.#delimiter);
    if (!fields || (held.length > 1 && fields.length !== this.#fieldCount)) return false;
    const line = this.#line;
    this.#line += held.length;
    this.#held = [];
    if (fields.length !== this.#fieldCount) this.#wrongCount(line, text, fields.length, take);
    else if (text.trim() !== "") take({ line, fields, text });
    return true;
  }

  #mayBeRow(lines: readonly string[]): boolean {
    let missing = this.#fieldCount - 1;
    for (const line of lines) {
      this.#charactersRead += line.length;
      missing -= countOf(line, this.#delimiter);
      if (missing <= 0) return true;
    }
    return false;
  }

  /** The first held line is no row; each of the others may be one, or begin one. */
  #giveUpFirst(take: TakeRow): void {
    const held = this.#held;
    this.#held = [];
    take({ line: this.#line++, text: held[0], rule: unclosed });
    for (let index = 1; index < held.length; index++) this.push(held[index], take);
  }
}

const unclosed = (): string => "must have a closing quote for each opening one";

const countOf = (text: string, part: string): number => {
  let count = 0;
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + 1)) count++;
  return count;
};

const hasOddQuotes = (line: string): boolean => countOf(line, '"') % 2 === 1;

/**
 * The fields of one row with quotes; undefined when one is not closed. A field in quotes may hold delimiters,
 * line ends and, doubled, quotes. One that goes on behind its closing quote is taken as it is written, up to
 * the next delimiter.
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
