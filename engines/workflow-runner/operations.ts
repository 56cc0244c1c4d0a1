import { randomUUID } from "node:crypto";
import { ApiError } from "./api-error.ts";
import { MAXIMUM_DATA_BYTES } from "./call-task.ts";
import type { Executions } from "./executions.ts";
import { pageOf } from "./pages.ts";
import {
  anything,
  executionArn,
  flag,
  integer,
  oneOf,
  optional,
  parameters,
  resourceName,
  stateMachineArn,
  text,
} from "./parameters.ts";
import { describe, executionSummaryOf, historyEventOf, seconds, summaryOf } from "./shapes.ts";
import type { StateMachines } from "./state-machines.ts";

/* The operations of the Step Functions API, by name: parameters in, result out, both as they travel. Times are seconds since 1970. */

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
const DEFINITION = text({ maximumLength: 1_048_576 });
const STATUS = oneOf("RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE");
const SETTINGS = {
  loggingConfiguration: optional(anything),
  tracingConfiguration: optional(anything),
  encryptionConfiguration: optional(anything),
  publish: optional(flag),
  versionDescription: optional(text()),
};

export const operations = (
  machines: StateMachines,
  executions: Executions,
): Readonly<Record<string, Operation>> => ({
  CreateStateMachine: (body) => {
    const { name, definition, roleArn, type } = parameters(
      {
        name: resourceName,
        definition: DEFINITION,
        roleArn: text(),
        type: optional(oneOf("STANDARD", "EXPRESS")),
        tags: optional(anything),
        ...SETTINGS,
      },
      body,
    );
    const { arn, createdMs } = machines.create({ name, definition, roleArn, type: type ?? "STANDARD" });
    return { stateMachineArn: arn, creationDate: seconds(createdMs) };
  },

  UpdateStateMachine: (body) => {
    const { stateMachineArn: arn, ...changes } = parameters(
      { stateMachineArn, definition: optional(DEFINITION), roleArn: optional(text()), ...SETTINGS },
      body,
    );
    machines.get(arn);
    if (changes.definition === undefined && changes.roleArn === undefined) {
      throw new ApiError(
        "MissingRequiredParameter",
        "Either the definition or the role ARN must be specified",
      );
    }
    const { revisionId, updatedMs } = machines.update(arn, changes);
    return { updateDate: seconds(updatedMs), revisionId };
  },

  DeleteStateMachine: (body) => {
    machines.delete(parameters({ stateMachineArn }, body).stateMachineArn);
    return {};
  },

  DescribeStateMachine: (body) => {
    const { stateMachineArn: arn } = parameters({ stateMachineArn, includedData: optional(anything) }, body);
    const { machine, roleArn, revisionId, ...entry } = machines.get(arn);
    return {
      ...summaryOf(entry),
      status: "ACTIVE",
      definition: machine.text,
      roleArn,
      revisionId,
      loggingConfiguration: { level: "OFF", includeExecutionData: false },
      tracingConfiguration: { enabled: false },
    };
  },

  ListStateMachines: (body) => {
    const paging = parameters(PAGING, body);
    const { items, nextToken } = pageOf(machines.list(), ({ arn }) => arn, paging);
    return { stateMachines: items.map(summaryOf), nextToken };
  },

  StartExecution: async (body) => {
    const {
      stateMachineArn: arn,
      name,
      input,
    } = parameters(
      { stateMachineArn, name: optional(resourceName), input: INPUT, traceHeader: optional(text()) },
      body,
    );
    const { machine } = machines.get(arn);
    const record = await executions.start(arn, machine, name ?? randomUUID(), jsonText(input));
    return { executionArn: record.executionArn, startDate: seconds(record.startedMs) };
  },

  StartSyncExecution: async (body) => {
    const {
      stateMachineArn: arn,
      name,
      input,
    } = parameters(
      {
        stateMachineArn,
        name: optional(resourceName),
        input: INPUT,
        traceHeader: optional(text()),
        includedData: optional(anything),
      },
      body,
    );
    const { machine, type } = machines.get(arn);
    if (type !== "EXPRESS") {
      throw new ApiError(
        "StateMachineTypeNotSupported",
        "This operation is not supported by this type of state machine",
      );
    }
    const { executionArn: started } = await executions.start(
      arn,
      machine,
      name ?? randomUUID(),
      jsonText(input),
    );
    const execution = executions.get(started);
    await execution.finished();
    return {
      ...describe(execution.record),
      billingDetails: { billedMemoryUsedInMB: 64, billedDurationInMilliseconds: 0 },
    };
  },

  DescribeExecution: (body) => {
    const { executionArn: arn } = parameters({ executionArn, includedData: optional(anything) }, body);
    return { ...describe(executions.get(arn).record), redriveCount: 0 };
  },

  StopExecution: async (body) => {
    const { executionArn: arn, error, cause } = parameters({ executionArn, ...ERROR_AND_CAUSE }, body);
    const execution = executions.get(arn);
    await execution.stop({ error, cause });
    return { stopDate: seconds(execution.record.stoppedMs ?? 0) };
  },

  ListExecutions: (body) => {
    const {
      stateMachineArn: arn,
      statusFilter,
      ...paging
    } = parameters(
      { stateMachineArn, statusFilter: optional(STATUS), redriveFilter: optional(anything), ...PAGING },
      body,
    );
    machines.get(arn);
    const listed = executions.list(arn).filter(({ status }) => !statusFilter || status === statusFilter);
    const { items, nextToken } = pageOf(listed, ({ name }) => name, paging);
    return { executions: items.map(executionSummaryOf), nextToken };
  },

  GetExecutionHistory: (body) => {
    const {
      executionArn: arn,
      reverseOrder,
      includeExecutionData = true,
      ...paging
    } = parameters(
      { executionArn, reverseOrder: optional(flag), includeExecutionData: optional(flag), ...PAGING },
      body,
    );
    const { events } = executions.get(arn);
    const ordered = reverseOrder ? [...events].reverse() : events;
    const { items, nextToken } = pageOf(ordered, ({ id }) => String(id), paging);
    return { events: items.map((event) => historyEventOf(event, includeExecutionData)), nextToken };
  },
});

/** The input of an execution, `{}` when there is none. Raises InvalidExecutionInput when it is no JSON. */
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
