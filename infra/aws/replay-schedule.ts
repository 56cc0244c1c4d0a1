import * as Type from "typebox";
import { InvalidInputError } from "../../lib/core/errors.ts";
import { toReplayRequest } from "../../lib/core/replay/replay-body.ts";
import type { ScheduleRequest } from "../../lib/core/schedule/put-schedule.ts";
import type { NewReplaySchedule } from "../../lib/core/schedule/replay-schedule.ts";
import { parseTiming } from "../../lib/core/schedule/timing.ts";
import { REPLAY_SCHEDULE_BODY, REPLAY_SCHEDULE_PATH } from "../../lib/runtime/api/replay-schedule.ts";
import { sentence } from "../../lib/runtime/problem.ts";
import { checkSchema } from "../../lib/runtime/schema-check.ts";

const CONFIGURED = Type.Object(
  { ...REPLAY_SCHEDULE_PATH.properties, ...REPLAY_SCHEDULE_BODY.properties },
  { additionalProperties: false },
);

/**
 * Reads a schedule from cdk.json: `{ name, at | rate | cron, timezone?, replay }`, or the same as text. A
 * time in the past is accepted, because a stack may be deployed again long after. Raises InvalidInputError.
 */
export const readReplaySchedule = (value: unknown): NewReplaySchedule => {
  const given = typeof value === "string" ? parseJson(value) : value;
  const problems = checkSchema(CONFIGURED, given, "replaySchedule");
  if (problems.length > 0) throw new InvalidInputError(problems.map(sentence).join("; "), { problems });
  const { name, timezone = "UTC", replay, ...request } = given as ScheduleRequest & { name: string };
  toReplayRequest(replay);
  return { name, timing: parseTiming(request, timezone), timezone, replay };
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidInputError(`it is not JSON: ${error instanceof Error ? error.message : error}`);
  }
};
