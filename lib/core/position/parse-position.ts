import { type FieldProblem, InvalidInputError } from "../errors.ts";
import { ArrayInBrief, brief } from "../field-problems.ts";
import { COURSE_FIELDS, type JsonFields, OUR_FIELDS, TIMESTAMP_FIELD } from "./json-fields.ts";
import { NULL, NUMBER, OBJECT, TEXT } from "./json-scanner.ts";
import {
  parseNumber,
  parseTimestamp,
  TIMESTAMP_RULES,
  type TimestampRules,
  timestampRule,
} from "./parse-timestamp.ts";
import { ABSENT, POSITION_FIELDS, type Position, type PositionField } from "./position.ts";
import { PositionBuffer } from "./position-buffer.ts";

type Fields = Readonly<Record<string, unknown>>;
type FieldName = PositionField["name"];

// Reading a property by a constant name is several times faster than by a variable, and each reader warms up
// by itself. Our own name wins over the course's.
const READERS: Readonly<Record<FieldName, (fields: Fields) => unknown>> = {
  latitude: (fields) => fields.latitude,
  longitude: (fields) => fields.longitude,
  elevationMeters: (fields) => fields.elevationMeters ?? fields.elevation,
  accuracyMeters: (fields) => fields.accuracyMeters ?? fields.accuracy,
  bearingDegrees: (fields) => fields.bearingDegrees ?? fields.bearing,
  speedMetersPerSecond: (fields) => fields.speedMetersPerSecond ?? fields.speed_meters_per_second,
  satellites: (fields) => fields.satellites,
  hdop: (fields) => fields.hdop,
  vdop: (fields) => fields.vdop,
  pdop: (fields) => fields.pdop,
  distanceMeters: (fields) => fields.distanceMeters ?? fields.distance_meters,
  elapsedSeconds: (fields) => fields.elapsedSeconds ?? fields.elapsed_time_seconds,
};
const COLUMN_READERS = POSITION_FIELDS.map(({ name }) => READERS[name]);

/**
 * Appends one position, given as an object with our field names or the course's; other fields are ignored.
 * Numbers may be numeric text; null, empty text and absent all mean not reported. Returns what is wrong with
 * it, and then the buffer holds what it held before. `nowMs` and `rules` bound the timestamp: see
 * parseTimestamp.
 */
export const appendPosition = (
  buffer: PositionBuffer,
  value: unknown,
  nowMs: number,
  rules = TIMESTAMP_RULES,
): FieldProblem[] | undefined =>
  tryAppend(buffer, value, nowMs, rules) ? undefined : problemsOf(value, nowMs, rules);

/** The fast half of appendPosition: whether it is a position, without saying why not. */
export const tryAppend = (
  buffer: PositionBuffer,
  value: unknown,
  nowMs: number,
  rules: TimestampRules,
): boolean => {
  if (!isFields(value)) return false;
  const timestampMs = parseTimestamp(value.timestamp, nowMs, rules);
  if (Number.isNaN(timestampMs)) return false;
  buffer.reserve(buffer.count + 1);
  for (let column = 0; column < COLUMN_READERS.length; column++) {
    const quantised = quantise(COLUMN_READERS[column](value), POSITION_FIELDS[column]);
    if (Number.isNaN(quantised)) return false;
    buffer.columns[column][buffer.count] = quantised;
  }
  buffer.timestampsMs[buffer.count++] = timestampMs;
  return true;
};

/** The same for the element that was read last; what it is problemsOf(fields.element()) tells. */
export const tryAppendRead = (
  buffer: PositionBuffer,
  fields: JsonFields,
  nowMs: number,
  rules: TimestampRules,
): boolean => {
  if (fields.kind !== OBJECT) return false;
  const timestampMs = parseTimestamp(fields.valueOf(TIMESTAMP_FIELD), nowMs, rules);
  if (Number.isNaN(timestampMs)) return false;
  buffer.reserve(buffer.count + 1);
  for (let column = 0; column < POSITION_FIELDS.length; column++) {
    const quantised = quantiseRead(fields, column);
    if (Number.isNaN(quantised)) return false;
    buffer.columns[column][buffer.count] = quantised;
  }
  buffer.timestampsMs[buffer.count++] = timestampMs;
  return true;
};

/** In which field of a row of texts each value is: -1 where none is. */
export interface TextPlaces {
  readonly timestamp: number;
  /** As POSITION_FIELDS. */
  readonly columns: readonly number[];
}

/** The same for a row of texts. */
export const tryAppendTexts = (
  buffer: PositionBuffer,
  texts: readonly string[],
  places: TextPlaces,
  nowMs: number,
  rules: TimestampRules,
): boolean => {
  const timestampMs = parseTimestamp(texts[places.timestamp], nowMs, rules);
  if (Number.isNaN(timestampMs)) return false;
  buffer.reserve(buffer.count + 1);
  for (let column = 0; column < POSITION_FIELDS.length; column++) {
    const place = places.columns[column];
    const quantised = quantise(place === -1 ? undefined : texts[place], POSITION_FIELDS[column]);
    if (Number.isNaN(quantised)) return false;
    buffer.columns[column][buffer.count] = quantised;
  }
  buffer.timestampsMs[buffer.count++] = timestampMs;
  return true;
};

const quantiseRead = (fields: JsonFields, column: number): number => {
  const field = POSITION_FIELDS[column];
  let source = OUR_FIELDS[column];
  if (fields.kinds[source] <= NULL) source = COURSE_FIELDS[column];
  const kind = fields.kinds[source];
  if (kind <= NULL) return field.required ? Number.NaN : ABSENT;
  return kind <= NUMBER || kind === TEXT ? quantise(fields.valueOf(source), field) : Number.NaN;
};

/** Why a value is no position. */
export const problemsOf = (value: unknown, nowMs: number, rules: TimestampRules): FieldProblem[] =>
  isFields(value)
    ? findProblems(value, nowMs, rules)
    : [{ field: "position", value: brief(value), rule: "must be a JSON object" }];

/**
 * One position, quantised as a buffer holds it. Throws InvalidInputError that names every field that breaks a
 * rule.
 */
export const parsePosition = (value: unknown, nowMs: number): Position => {
  const buffer = new PositionBuffer(1);
  const problems = appendPosition(buffer, value, nowMs);
  if (problems === undefined) return buffer.at(0);
  const rules = problems.map(({ field, rule }) => `${field} ${rule}`);
  throw new InvalidInputError(`not a position: ${rules.join("; ")}`, { problems });
};

/** A position as the API writes it: the timestamp is ISO 8601 with milliseconds, UTC. */
export type PositionJson = { readonly timestamp: string } & Omit<Position, "timestampMs">;

export const toJson = ({ timestampMs, ...fields }: Position): PositionJson => ({
  timestamp: new Date(timestampMs).toISOString(),
  ...fields,
});

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof ArrayInBrief);

/** The field as a quantised integer, ABSENT when it was not reported, NaN when it breaks a rule. */
const quantise = (value: unknown, field: PositionField): number => {
  if (typeof value === "number") {
    return value >= field.minimum && value <= field.maximum
      ? Math.round(value * field.quantaPerUnit)
      : Number.NaN;
  }
  if (isUnreported(value)) return field.required ? Number.NaN : ABSENT;
  return typeof value === "string" ? quantise(parseNumber(value), field) : Number.NaN;
};

const isUnreported = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === "string" && value.trim() === "");

/** Only for a position that is known to break a rule. */
const findProblems = (fields: Fields, nowMs: number, rules: TimestampRules): FieldProblem[] => {
  const problems: FieldProblem[] = [];
  if (isUnreported(fields.timestamp)) {
    problems.push({ field: "timestamp", rule: "is missing" });
  } else if (Number.isNaN(parseTimestamp(fields.timestamp, nowMs, rules))) {
    problems.push({
      field: "timestamp",
      value: brief(fields.timestamp),
      rule: timestampRule(fields.timestamp, nowMs, rules),
    });
  }
  for (const field of POSITION_FIELDS) {
    const value = READERS[field.name](fields);
    if (!Number.isNaN(quantise(value, field))) continue;
    const name =
      (fields[field.name] ?? null) === null && field.courseName in fields ? field.courseName : field.name;
    if (isUnreported(value)) problems.push({ field: name, rule: "is missing" });
    else problems.push({ field: name, value: brief(value), rule: fieldRule(value, field) });
  }
  return problems;
};

const fieldRule = (value: unknown, field: PositionField): string => {
  const number = typeof value === "string" ? parseNumber(value) : value;
  return typeof number === "number" && !Number.isNaN(number)
    ? rangeRule(field)
    : `must be a number ${rangeRule(field).slice("must be ".length)}`;
};

/** For example `must be between -90 and 90`. */
export const rangeRule = ({ minimum, maximum }: PositionField): string =>
  `must be between ${minimum} and ${maximum}`;
