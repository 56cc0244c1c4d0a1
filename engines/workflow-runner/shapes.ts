import type { NumberedEvent } from "./execution.ts";
import type { ExecutionRecord } from "./execution-store.ts";
import type { StateMachineEntry } from "./state-machines.ts";

/* Machines, executions and events as the API gives them. */

/** A time as AWS JSON has it: seconds since 1970, with a fraction. */
export const seconds = (ms: number): number => ms / 1_000;

export const summaryOf = ({
  arn,
  name,
  type,
  createdMs,
}: Pick<StateMachineEntry, "arn" | "name" | "type" | "createdMs">) => ({
  stateMachineArn: arn,
  name,
  type,
  creationDate: seconds(createdMs),
});

export const executionSummaryOf = ({
  executionArn,
  stateMachineArn,
  name,
  status,
  startedMs,
  stoppedMs,
}: ExecutionRecord) => ({
  executionArn,
  stateMachineArn,
  name,
  status,
  startDate: seconds(startedMs),
  stopDate: stoppedMs === undefined ? undefined : seconds(stoppedMs),
});

export const describe = (record: ExecutionRecord) => ({
  ...executionSummaryOf(record),
  input: record.input,
  inputDetails: { included: true },
  output: record.output,
  outputDetails: record.output === undefined ? undefined : { included: true },
  error: record.error,
  cause: record.cause,
});

const DATA_FIELDS = ["input", "output", "inputDetails", "outputDetails", "cause", "error", "parameters"];

export const historyEventOf = (
  { id, timestampMs, type, detailsField, details = {} }: NumberedEvent,
  isDataIncluded: boolean,
): object => {
  const shown = isDataIncluded
    ? details
    : Object.fromEntries(Object.entries(details).filter(([field]) => !DATA_FIELDS.includes(field)));
  return {
    id,
    previousEventId: id - 1,
    timestamp: seconds(timestampMs),
    type,
    ...(detailsField ? { [detailsField]: shown } : {}),
  };
};
