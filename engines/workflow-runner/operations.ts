import { randomUUID } from "node:crypto";
import { ApiError } from "../server/api-error.ts";
import { MAXIMUM_DATA_BYTES } from "./call-task.ts";
import type { Executions } from "./executions.ts";
import { pageOf } from "./pages.ts";
import {
  anything,
  executionArn,
  integer,
  oneOf,
  optional,
  parameters,
  resourceName,
  stateMachineArn,
  text,
} from "./parameters.ts";
import { describe, seconds, summaryOf } from "./shapes.ts";
import type { StateMachines } from "./state-machines.ts";

/*
 * The operations of the Step Functions API, by name: parameters in, result out, both as they travel. Times
 * are seconds since 1970.
 */

export type Operation = (body: Readonly<Record<string, unknown>>) => object | Promise<object>;

const PAGING = {
  maxResults: optional(integer(0, 1_000)),
  nextToken: optional(text({ maximumLength: 1_024 })),
};
const ERROR_AND_CAUSE = {
  error: optional(text({ minimumLength: 0 })),
  cause: optional(text({ minimumLength: 0, maximumLength: 32_768 })),
};
const INPUT = optional(
  text({ maximumLength: MAXIMUM_DATA_BYTES, minimumLength: 0, maximumBytes: MAXIMUM_DATA_BYTES }),
);
const STATUS = oneOf("RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE");
export const operations = (
  machines: StateMachines,
  executions: Executions,
): Readonly<Record<string, Operation>> => ({
  StartExecution: async (body) => {
    const {
      stateMachineArn: arn,
      name,
      input,
    } = parameters(
      { stateMachineArn, name: optional(resourceName), input: INPUT, traceHeader: optional(text()) },
      body,
    );
    machines.get(arn);
    const record = await executions.start(arn, name ?? randomUUID(), jsonText(input));
    return { executionArn: record.executionArn, startDate: seconds(record.startedMs) };
  },

  DescribeExecution: async (body) => {
    const { executionArn: arn } = parameters({ executionArn, includedData: optional(anything) }, body);
    return { ...describe(await executions.get(arn)), redriveCount: 0 };
  },

  StopExecution: async (body) => {
    const { executionArn: arn, error, cause } = parameters({ executionArn, ...ERROR_AND_CAUSE }, body);
    const { stoppedMs } = await executions.stop(arn, { error, cause });
    return { stopDate: stoppedMs === undefined ? undefined : seconds(stoppedMs) };
  },

  ListExecutions: async (body) => {
    const {
      stateMachineArn: arn,
      statusFilter,
      ...paging
    } = parameters(
      { stateMachineArn, statusFilter: optional(STATUS), redriveFilter: optional(anything), ...PAGING },
      body,
    );
    machines.get(arn);
    const all = await executions.list(arn);
    const listed = all.filter(({ status }) => !statusFilter || status === statusFilter);
    const { items, nextToken } = pageOf(listed, ({ name }) => name, paging);
    return { executions: items.map(summaryOf), nextToken };
  },
});

/** The input of an execution, `{}` by default. Raises InvalidExecutionInput when it is not JSON. */
const jsonText = (input = "{}"): string => {
  try {
    JSON.parse(input);
    return input;
  } catch (error) {
    throw new ApiError(
      "InvalidExecutionInput",
      `Invalid State Machine Execution Input: '${(error as Error).message}'`,
    );
  }
};
