import { InvalidInputError } from "../../core/errors.ts";
import type { TextPlaces } from "../../core/position/parse-position.ts";
import { POSITION_FIELDS } from "../../core/position/position.ts";
import { splitQuoted } from "./rows.ts";

export interface Header {
  readonly delimiter: string;
  readonly fieldCount: number;
  /** Which fields of a row are read, and under which name parsePosition knows them. */
  readonly columns: readonly Column[];
  readonly places: TextPlaces;
}

interface Column {
  readonly index: number;
  readonly name: string;
}

const DELIMITERS = [",", ";", "\t"];
const SHOWN_COLUMNS = 30;
const SHOWN_LENGTH = 300;

/** Accepted column names, in lower case, and the field that each holds. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ["timestamp", "timestamp"],
  ...POSITION_FIELDS.flatMap(({ name, courseName }): [string, string][] => [
    [name.toLowerCase(), name],
    [courseName, name],
  ]),
]);

/** Far more than any name with spaces around it. */
const LONGEST_TITLE = 100;

const REQUIRED = ["timestamp", ...POSITION_FIELDS.filter(({ required }) => required).map(({ name }) => name)];

/**
 * Reads a header: our names or the course's, in any order and case, between commas, semicolons or tabs. Other
 * columns are left out. Throws InvalidInputError when a required column is missing or a field has two
 * columns.
 */
export const parseHeader = (line: string): Header => {
  const candidates = DELIMITERS.map((delimiter) => columnsOf(line, delimiter));
  const header = candidates.reduce((best, next) => (next.columns.length > best.columns.length ? next : best));
  const names = header.columns.map(({ name }) => name);
  const found = header.titles.slice(0, SHOWN_COLUMNS).join(", ").slice(0, SHOWN_LENGTH);
  const missing = REQUIRED.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    const rule = "must be a column of the header, which is the file's first line";
    throw new InvalidInputError(`the header has no column ${missing.join(", ")}; it has: ${found}`, {
      problems: missing.map((field) => ({ field, rule })),
    });
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    const rule = "must be one column of the header, not two";
    throw new InvalidInputError(`the header has two columns for ${twice}: ${found}`, {
      problems: [{ field: twice, rule }],
    });
  }
  return { ...header, places: placesOf(header.columns) };
};

const placesOf = (columns: readonly Column[]): TextPlaces => {
  const placeOf = (wanted: string): number => columns.find(({ name }) => name === wanted)?.index ?? -1;
  return { timestamp: placeOf("timestamp"), columns: POSITION_FIELDS.map(({ name }) => placeOf(name)) };
};

type Candidate = Omit<Header, "places"> & { readonly titles: readonly string[] };

const columnsOf = (line: string, delimiter: string): Candidate => {
  const titles = splitQuoted(line, delimiter) ?? line.split(delimiter);
  const columns = titles.flatMap((title, index) => {
    const name = title.length > LONGEST_TITLE ? undefined : NAMES.get(title.trim().toLowerCase());
    return name === undefined ? [] : [{ index, name }];
  });
  return { delimiter, fieldCount: titles.length, columns, titles };
};
