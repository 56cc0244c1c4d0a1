import type { ExecutionRecord, ExecutionSummary } from "./execution-store.ts";

/* Executions as the API gives them. */

/** A time as AWS JSON has it: seconds since 1970, with a fraction. */
export const seconds = (ms: number): number => ms / 1_000;

export const summaryOf = ({
  executionArn,
  stateMachineArn,
  name,
  status,
  startedMs,
  stoppedMs,
}: ExecutionSummary) => ({
  executionArn,
  stateMachineArn,
  name,
  status,
  startDate: seconds(startedMs),
  stopDate: stoppedMs === undefined ? undefined : seconds(stoppedMs),
});

export const describe = (record: ExecutionRecord) => ({
  ...summaryOf(record),
  input: record.input,
  inputDetails: { included: true },
  output: record.output,
  outputDetails: record.output === undefined ? undefined : { included: true },
  error: record.error,
  cause: record.cause,
});
