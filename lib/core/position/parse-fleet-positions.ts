import type { FieldProblem } from "../errors.ts";
import { brief } from "../field-problems.ts";
import { DEVICE_ID_PATTERN, DEVICE_ID_RULE } from "../identity/device-id.ts";
import { Elements, type ElementsOutcome } from "./elements.ts";
import { COURSE_DEVICE_ID_FIELD, DEVICE_ID_FIELD, type JsonFields } from "./json-fields.ts";
import { NOTHING, NULL, OBJECT } from "./json-scanner.ts";
import { TIMESTAMP_RULES } from "./parse-timestamp.ts";
import { PositionBuffer } from "./position-buffer.ts";
import { readElements } from "./read-elements.ts";
import { spreadSeconds } from "./spread-seconds.ts";

/** As many as two calls to the stream take; a function can't hold and send more in time. */
export const MAXIMUM_DEVICES = 1_000;

export interface FleetPositions extends ElementsOutcome {
  /** By device, each in the body's order; devices with nothing that was accepted are left out. */
  readonly positions: ReadonlyMap<string, PositionBuffer>;
  /** How many elements were refused because their device is not the caller's. */
  readonly forbidden: number;
}

/** Which devices the sender may speak for, and the rule that others break. */
export interface DeviceLimit {
  readonly isAllowed: (deviceId: string) => boolean;
  readonly rule: string;
}

/**
 * Reads positions of many devices from one JSON object, an array of them, or NDJSON. Each element names its
 * device in `deviceId` or `device_id`. A bad element, or one of a device that is not allowed, is reported and
 * never sinks the rest. Throws InvalidInputError for the field `body` when the whole is unreadable.
 */
export const parseFleetPositions = (
  bytes: Uint8Array,
  nowMs: number,
  { isAllowed, rule }: DeviceLimit,
  rules = TIMESTAMP_RULES,
): FleetPositions => {
  let buffers = new Map<string, PositionBuffer>();
  let forbidden = 0;
  const bufferOf = (fields: JsonFields): PositionBuffer | (() => readonly FieldProblem[]) => {
    const named = nameIn(fields);
    if ("problem" in named) return () => [named.problem()];
    const { field, deviceId } = named;
    const known = buffers.get(deviceId);
    if (known) return known;
    if (!isAllowed(deviceId)) {
      forbidden++;
      return () => [{ field, value: deviceId, rule }];
    }
    if (buffers.size >= MAXIMUM_DEVICES) {
      return () => [
        { field, value: deviceId, rule: `must be one of at most ${MAXIMUM_DEVICES} in one request` },
      ];
    }
    // Most have one position or a few.
    const buffer = new PositionBuffer(1);
    buffers.set(deviceId, buffer);
    return buffer;
  };
  const outcome = readElements(bytes, (fields) => {
    buffers = new Map();
    forbidden = 0;
    return new Elements(fields, nowMs, bufferOf, rules);
  });
  const positions = new Map([...buffers].filter(([, { count }]) => count > 0));
  for (const ofDevice of positions.values()) spreadSeconds(ofDevice);
  return { positions, forbidden, ...outcome };
};

type Named = { readonly field: string; readonly deviceId: string } | { readonly problem: () => FieldProblem };

/**
 * The device that an element names. Some callers number their devices: integers are accepted, as they can be
 * written in one way only.
 */
const nameIn = (fields: JsonFields): Named => {
  if (fields.kind !== OBJECT) {
    return {
      problem: () => ({ field: "position", value: brief(fields.element()), rule: "must be a JSON object" }),
    };
  }
  const { kinds } = fields;
  const isCourse = kinds[DEVICE_ID_FIELD] <= NULL && kinds[COURSE_DEVICE_ID_FIELD] !== NOTHING;
  const field = isCourse ? "device_id" : "deviceId";
  const given = fields.valueOf(isCourse ? COURSE_DEVICE_ID_FIELD : DEVICE_ID_FIELD) ?? undefined;
  if (given === undefined) return { problem: () => ({ field, rule: "is missing" }) };
  const deviceId = Number.isSafeInteger(given) ? String(given) : given;
  if (typeof deviceId === "string" && DEVICE_ID_PATTERN.test(deviceId)) return { field, deviceId };
  return { problem: () => ({ field, value: brief(given), rule: DEVICE_ID_RULE }) };
};
