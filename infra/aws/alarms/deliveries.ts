import type { Table } from "aws-cdk-lib/aws-dynamodb";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { FileRule } from "../file-rule.ts";
import type { BacktrackFunction } from "../function.ts";
import type { Schedules } from "../schedules.ts";
import { FIVE_MINUTES, MINUTE, sumOf, together, type Watch, watchEach } from "./watch.ts";

export interface Deliveries {
  readonly functions: readonly BacktrackFunction[];
  readonly fileRules: readonly FileRule[];
  readonly schedules: readonly Schedules[];
  /** Events that no function accepted. */
  readonly undelivered: Queue;
}

/**
 * Events that no function accepted, and events that could not even be set aside. DeadLetterErrors is not
 * among them: no function has a dead-letter queue of its own; what it could not accept goes to a destination.
 */
export const watchDeliveries = ({ functions, fileRules, schedules, undelivered }: Deliveries): Watch[] => [
  {
    name: "undelivered-events",
    tells:
      "Events that no function accepted are waiting, such as the run of a schedule: they are kept for two weeks",
    metric: undelivered.metricApproximateNumberOfMessagesVisible({
      statistic: "Maximum",
      period: FIVE_MINUTES,
    }),
  },
  ...watchEach(
    together([
      ...functions
        .filter(({ definition: { stream, schedule, bucket } }) => stream || schedule || bucket)
        .map(({ lambda }) =>
          lambda.metric("DestinationDeliveryFailures", { statistic: "Sum", period: FIVE_MINUTES }),
        ),
      ...fileRules.map(({ ruleName }) =>
        sumOf("AWS/Events", "InvocationsFailedToBeSentToDlq", { RuleName: ruleName }),
      ),
      ...schedules.flatMap(({ groupName }) =>
        ["InvocationsFailedToBeSentToDeadLetterCount", "InvocationDroppedCount"].map((metric) =>
          sumOf("AWS/Scheduler", metric, { ScheduleGroup: groupName }),
        ),
      ),
    ]),
    {
      name: "lost-events",
      tells:
        "Events that no function accepted could not be kept either: check the permissions of their destination and of the key",
    },
  ),
];

/** Tables that refuse writes or fail. */
export const watchTables = (tables: readonly Table[]): Watch[] => [
  ...watchEach(
    together(
      tables.map(({ tableName }) =>
        sumOf("AWS/DynamoDB", "WriteThrottleEvents", { TableName: tableName }, MINUTE),
      ),
      MINUTE,
    ),
    {
      name: "throttled-tables",
      tells:
        "Tables refuse writes: one device or recording is written too fast, or the account's limit is reached",
      // A refused write is retried at once: only repeated refusals are trouble.
      periods: 5,
      badPeriods: 3,
    },
  ),
];

/** A table's own failures during writes; DynamoDB reports them by operation. */
export const watchTableFailures = (
  writes: readonly { readonly table: Table; readonly operations: readonly string[] }[],
): Watch[] =>
  watchEach(
    together(
      writes.flatMap(({ table: { tableName }, operations }) =>
        operations.map((Operation) =>
          sumOf("AWS/DynamoDB", "SystemErrors", { TableName: tableName, Operation }),
        ),
      ),
    ),
    {
      name: "table-failures",
      tells: "DynamoDB itself failed writes of positions, which are retried",
      // One now and then is normal for DynamoDB, and is retried.
      from: 10,
      periods: 2,
    },
  );
