import { type FieldProblem, InvalidInputError } from "../errors.ts";
import { brief } from "../field-problems.ts";
import type { Elements, ElementsOutcome } from "./elements.ts";
import { errorPlace } from "./json-error.ts";
import { JsonFields } from "./json-fields.ts";
import { type JsonScanner, OBJECT } from "./json-scanner.ts";

const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const NEWLINE = 0x0a;

/** It takes a byte order mark away. */
const decoder = new TextDecoder("utf-8", { fatal: true });
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * Reads the elements of a body: one JSON object, an array, or NDJSON. `open` creates what takes them. It is
 * called again, and the first one is dropped, when a body that looked like a document turns out to be lines.
 * Throws InvalidInputError for the field `body` when the whole is unreadable. The time per byte is about the
 * same for any bytes: a scanner reads them, nothing is built from what is not a position, and a bad line
 * creates no error object.
 */
export const readElements = (bytes: Uint8Array, open: (fields: JsonFields) => Elements): ElementsOutcome => {
  const text = decode(bytes);
  const plain = BYTE_ORDER_MARK.every((byte, index) => bytes[index] === byte) ? bytes.subarray(3) : bytes;
  const elements = open(new JsonFields(plain, text));
  const broken = readDocument(elements);
  if (broken === undefined) return elements.result();
  const lines = open(new JsonFields(plain, text));
  if (!readLines(lines)) throw broken();
  return lines.result();
};

/**
 * Reads one object or one array of elements. If it is neither, returns a function that makes the error; it
 * may be lines.
 */
const readDocument = (elements: Elements): (() => InvalidInputError) | undefined => {
  const { fields } = elements;
  const { scanner } = fields;
  const first = scanner.next();
  if (first !== OPEN_ARRAY) {
    if (!(fields.read() && scanner.finish())) return () => brokenDocument(scanner);
    if (first === OPEN_OBJECT) elements.add();
    else throw unreadable(DOCUMENT_RULE, brief(fields.element()));
    return undefined;
  }
  scanner.at++;
  if (scanner.next() === CLOSE_ARRAY) scanner.at++;
  else
    for (let index = 0; ; index++) {
      if (!fields.read()) return () => brokenDocument(scanner, index);
      elements.add();
      const passed = scanner.separator(CLOSE_ARRAY);
      if (passed === 0) return () => brokenDocument(scanner, index);
      if (passed === 2) break;
    }
  return scanner.finish() ? undefined : () => brokenDocument(scanner);
};

const DOCUMENT_RULE = "must be a JSON object, an array of objects, or one object per line";

/**
 * Reads lines, each of which may be a position. False when none is an object: then it is one broken document.
 * A body that opens an array on the first line and does not close it there is one, too; its lines are not
 * read.
 */
const readLines = (elements: Elements): boolean => {
  const { fields } = elements;
  const { scanner } = fields;
  const { bytes } = scanner;
  let hasObject = false;
  let isFirst = true;
  let lineNumber = 1;
  for (let from = 0; from < bytes.length; lineNumber++) {
    let to = from;
    while (to < bytes.length && bytes[to] !== NEWLINE) to++;
    scanner.at = from;
    scanner.end = to;
    const first = scanner.next();
    if (scanner.at < to) {
      if (fields.read() && scanner.finish()) {
        hasObject ||= fields.kind === OBJECT;
        elements.add();
      } else if (isFirst && first === OPEN_ARRAY) return false;
      else if (elements.isFull) elements.refuseUntold();
      else elements.refuse([lineProblem(scanner, from, lineNumber)]);
      isFirst = false;
    }
    from = to + 1;
  }
  return hasObject;
};

const lineProblem = (scanner: JsonScanner, from: number, lineNumber: number): FieldProblem => {
  const { column, reason } = errorPlace(scanner, from);
  const value = brief(decoder.decode(scanner.bytes.subarray(from, scanner.end)).trim());
  const rule = `must be a JSON object: line ${lineNumber}, column ${column}: ${reason}`;
  return { field: "position", value, rule };
};

const decode = (bytes: Uint8Array): string => {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    throw unreadable("must be JSON in UTF-8, and holds other bytes");
  }
  if (text.trim() === "") throw unreadable("must hold at least one position, and is empty");
  return text;
};

const brokenDocument = (scanner: JsonScanner, element?: number): InvalidInputError => {
  const { line, column, reason } = errorPlace(scanner);
  const within = element === undefined ? "" : ` (element ${element})`;
  return unreadable(`must be JSON: line ${line}, column ${column}${within}: ${reason}`, undefined, element);
};

const unreadable = (rule: string, value?: unknown, index?: number): InvalidInputError =>
  new InvalidInputError(`body ${rule}`, {
    problems: [
      { field: "body", ...(value !== undefined && { value }), rule, ...(index !== undefined && { index }) },
    ],
  });
