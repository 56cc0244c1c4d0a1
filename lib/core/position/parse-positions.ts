import type { FieldProblem } from "../errors.ts";
import { brief } from "../field-problems.ts";
import { Elements, type ElementsOutcome } from "./elements.ts";
import { COURSE_DEVICE_ID_FIELD, DEVICE_ID_FIELD, type JsonFields } from "./json-fields.ts";
import { NULL, OBJECT } from "./json-scanner.ts";
import { TIMESTAMP_RULES } from "./parse-timestamp.ts";
import { PositionBuffer } from "./position-buffer.ts";
import { readElements } from "./read-elements.ts";
import { spreadSeconds } from "./spread-seconds.ts";

export interface ParsedPositions extends ElementsOutcome {
  readonly positions: PositionBuffer;
}

/**
 * Reads positions from one JSON object, an array of them, or NDJSON (one object per line). A bad element or
 * line is reported and never sinks the rest. An element that names another device than `deviceId` in
 * `deviceId` or `device_id` is refused. Several places of one whole second are spread inside it: see
 * spreadSeconds. Throws InvalidInputError for the field `body` when the whole is unreadable.
 */
export const parsePositions = (
  bytes: Uint8Array,
  nowMs: number,
  deviceId?: string,
  rules = TIMESTAMP_RULES,
): ParsedPositions => {
  let positions = new PositionBuffer();
  const outcome = readElements(bytes, (fields) => {
    const buffer = new PositionBuffer();
    positions = buffer;
    const refuseStranger = () => (deviceId === undefined ? [] : strangerProblem(fields, deviceId));
    const bufferOf = () => (deviceId !== undefined && isStranger(fields, deviceId) ? refuseStranger : buffer);
    return new Elements(fields, nowMs, bufferOf, rules);
  });
  spreadSeconds(positions);
  return { positions, ...outcome };
};

/** Whether an element says that it belongs to another device. */
const isStranger = (fields: JsonFields, deviceId: string): boolean => {
  if (fields.kind !== OBJECT) return false;
  const named = fields.valueOf(namingField(fields)) ?? undefined;
  if (named === undefined || named === deviceId) return false;
  // Anything but a text or number names no device; converting it to text could fail or take very long.
  return typeof named !== "number" || String(named) !== deviceId;
};

const strangerProblem = (fields: JsonFields, deviceId: string): FieldProblem[] => {
  const field = namingField(fields);
  const rule = `must be ${deviceId}, whose positions these are, or absent`;
  return [
    {
      field: field === DEVICE_ID_FIELD ? "deviceId" : "device_id",
      value: brief(fields.valueOf(field)),
      rule,
    },
  ];
};

const namingField = ({ kinds }: JsonFields): number =>
  kinds[DEVICE_ID_FIELD] <= NULL ? COURSE_DEVICE_ID_FIELD : DEVICE_ID_FIELD;
