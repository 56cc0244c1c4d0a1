import { type FieldProblem, InvalidInputError } from "../errors.ts";
import { type JsonErrorPlace, locateJsonError } from "./json-error.ts";
import { appendPosition, brief } from "./parse-position.ts";
import { TIMESTAMP_RULES, type TimestampRules } from "./parse-timestamp.ts";
import { PositionBuffer } from "./position-buffer.ts";

/** So many problems are told one by one; a body of a million broken lines must not become an answer of that size. */
export const MAXIMUM_PROBLEMS = 1000;

export interface ParsedPositions extends ElementsOutcome {
  readonly positions: PositionBuffer;
}

/** What became of the elements of a body. */
export interface ElementsOutcome {
  /** How many elements became positions. */
  readonly accepted: number;
  /** How many elements did not. */
  readonly refused: number;
  /** Why, each with the element's `index`: at most MAXIMUM_PROBLEMS, and then one that says how many more there are. */
  readonly rejected: readonly FieldProblem[];
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads positions from one JSON object, an array of them, or NDJSON (one object per line). A bad element or line
 * is reported and never sinks the rest. An element that names another device than `deviceId` in `deviceId` or
 * `device_id` is refused. Raises InvalidInputError for the field `body` when the whole is unreadable.
 */
export const parsePositions = (
  bytes: Uint8Array,
  nowMs: number,
  deviceId?: string,
  rules = TIMESTAMP_RULES,
): ParsedPositions => {
  const positions = new PositionBuffer();
  const bufferOf = (element: unknown) =>
    (deviceId === undefined ? undefined : nameOfStranger(element, deviceId)) ?? positions;
  return { positions, ...readElements(bytes, new Elements(nowMs, bufferOf, rules)) };
};

/** Hands each element of a body to `elements`, in the body's order. Raises InvalidInputError when the whole is unreadable. */
export const readElements = (bytes: Uint8Array, elements: Elements): ElementsOutcome => {
  const text = decode(bytes);
  const document = parseJson(text);
  if (document !== undefined) {
    if (typeof document.value !== "object" || document.value === null) {
      throw unreadable(
        "must be a JSON object, an array of objects, or one object per line",
        brief(document.value),
      );
    }
    if (Array.isArray(document.value)) for (const element of document.value) elements.add(element);
    else elements.add(document.value);
    return elements.result();
  }
  if (!isNdjson(text)) throw brokenDocument(text);
  eachLine(text, (line, lineNumber) => {
    const parsed = parseJson(line);
    if (parsed !== undefined) elements.add(parsed.value);
    else
      elements.refuse([
        { field: "position", value: brief(line.trim()), rule: brokenLineRule(line, lineNumber) },
      ]);
    return true;
  });
  return elements.result();
};

/** Where the position of an element belongs, or why it belongs nowhere. */
export type BufferOf = (element: unknown) => PositionBuffer | readonly FieldProblem[];

/** The elements of a body on their way into buffers. */
export class Elements {
  private readonly problems: FieldProblem[] = [];
  private readonly nowMs: number;
  private readonly bufferOf: BufferOf;
  private readonly rules: TimestampRules;
  private accepted = 0;
  private count = 0;
  private untold = 0;

  constructor(nowMs: number, bufferOf: BufferOf, rules = TIMESTAMP_RULES) {
    this.nowMs = nowMs;
    this.bufferOf = bufferOf;
    this.rules = rules;
  }

  add(element: unknown): void {
    const buffer = this.bufferOf(element);
    const problems =
      buffer instanceof PositionBuffer ? appendPosition(buffer, element, this.nowMs, this.rules) : buffer;
    if (problems !== undefined) this.refuse(problems);
    else {
      this.accepted++;
      this.count++;
    }
  }

  refuse(problems: readonly FieldProblem[]): void {
    const index = this.count++;
    if (this.problems.length >= MAXIMUM_PROBLEMS) this.untold++;
    else for (const problem of problems) this.problems.push({ ...problem, index });
  }

  result(): ElementsOutcome {
    const { accepted, problems, untold } = this;
    const rule = `${untold} more were refused; only the first are told`;
    return {
      accepted,
      refused: this.count - accepted,
      rejected: untold === 0 ? problems : [...problems, { field: "position", rule }],
    };
  }
}

/** The problem of a position that says it belongs to another device. */
const nameOfStranger = (element: unknown, deviceId: string): FieldProblem[] | undefined => {
  if (typeof element !== "object" || element === null) return undefined;
  const fields = element as { readonly deviceId?: unknown; readonly device_id?: unknown };
  const named = fields.deviceId ?? fields.device_id ?? undefined;
  if (named === undefined || named === deviceId) return undefined;
  // Only a number is an id in another form. Anything else may have no text at all, or take the stack to make one.
  if (typeof named === "number" && String(named) === deviceId) return undefined;
  const field = (fields.deviceId ?? null) === null ? "device_id" : "deviceId";
  return [{ field, value: brief(named), rule: `must be ${deviceId}, whose positions these are, or absent` }];
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

const parseJson = (text: string): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
};

/**
 * Tells broken NDJSON, whose other lines survive, from one broken document: it has a line that is an object by itself.
 * What begins as an array and does not end it on the first line is an array, broken; its lines are not looked at.
 */
const isNdjson = (text: string): boolean => {
  let found = false;
  let isFirst = true;
  eachLine(text, (line) => {
    const parsed = parseJson(line);
    if (isFirst && parsed === undefined && line.trimStart().startsWith("[")) return false;
    isFirst = false;
    found = typeof parsed?.value === "object" && parsed.value !== null && !Array.isArray(parsed.value);
    return !found;
  });
  return found;
};

/** Calls `visit` with each line that is not blank, numbered from 1, until it returns false. */
const eachLine = (text: string, visit: (line: string, lineNumber: number) => boolean): void => {
  let lineNumber = 1;
  for (let start = 0; start <= text.length; lineNumber++) {
    const newline = text.indexOf("\n", start);
    const end = newline === -1 ? text.length : newline;
    const line = text.slice(start, end);
    if (line.trim() !== "" && !visit(line, lineNumber)) return;
    start = end + 1;
  }
};

const brokenLineRule = (line: string, lineNumber: number): string => {
  const place = locateJsonError(line);
  return `must be a JSON object: line ${lineNumber}, column ${place?.column ?? 1}: ${place?.reason ?? "is not JSON"}`;
};

const brokenDocument = (text: string): InvalidInputError => {
  const place: JsonErrorPlace | undefined = locateJsonError(text);
  if (place === undefined) return unreadable("must be JSON");
  const { line, column, element, reason } = place;
  const within = element === undefined ? "" : ` (element ${element})`;
  return unreadable(`must be JSON: line ${line}, column ${column}${within}: ${reason}`, undefined, element);
};

const unreadable = (rule: string, value?: unknown, index?: number): InvalidInputError =>
  new InvalidInputError(`body ${rule}`, {
    problems: [
      { field: "body", ...(value !== undefined && { value }), rule, ...(index !== undefined && { index }) },
    ],
  });
