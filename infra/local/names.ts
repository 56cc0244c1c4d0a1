import { MANIFEST } from "../../functions/manifest.ts";
import { ACCOUNT, REGION } from "../../hosts/lambda-events/stand-ins.ts";
import type {
  AccessMode,
  BucketName,
  FunctionDefinition,
  ScheduleAccess,
  ScheduleGroupName,
  StreamName,
  TableName,
  WorkflowName,
} from "../../lib/runtime/definition.ts";
import {
  ACCESS_VARIABLE,
  asksForKeys,
  bucketVariable,
  scheduleVariables,
  settingsOf,
  streamVariable,
  tableVariable,
  workflowVariable,
} from "../../lib/runtime/definition.ts";
import type { ScheduleTarget } from "../../lib/runtime/environment-of.ts";
import { LIMITS, limitVariable } from "../../lib/runtime/limits.ts";

/** Physical names: on one machine they need not differ from the logical ones. */
export const tableName = (table: TableName): string => table;
export const streamName = (stream: StreamName): string => stream;
export const streamArn = (stream: StreamName): string =>
  `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/${streamName(stream)}`;
export const workflowArn = (workflow: WorkflowName): string =>
  `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${workflow}`;
export const scheduleGroupName = (group: ScheduleGroupName): string => group;
export const functionArn = (functionName: string): string =>
  `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${functionName}`;

/** The target of new schedules of a group. Nobody checks roles, queues and keys here. */
export const scheduleTarget = (group: ScheduleGroupName): ScheduleTarget => ({
  functionArn: functionArn(MANIFEST.find(({ schedule }) => schedule === group)?.name ?? ""),
  roleArn: `arn:aws:iam::${ACCOUNT}:role/local`,
  deadLettersArn: `arn:aws:sqs:${REGION}:${ACCOUNT}:${group}-dead-letters`,
  keyArn: `arn:aws:kms:${REGION}:${ACCOUNT}:key/local`,
});

const scheduleVariablesOf = ({ schedules = {} }: FunctionDefinition): Record<string, string> =>
  Object.fromEntries(
    (Object.entries(schedules) as [ScheduleGroupName, readonly ScheduleAccess[]][]).flatMap(
      ([name, access]): [string, string][] => {
        const { group, target, role, deadLetters, key } = scheduleVariables(name);
        const { functionArn, roleArn, deadLettersArn, keyArn } = scheduleTarget(name);
        if (!access.includes("write")) return [[group, scheduleGroupName(name)]];
        return [
          [group, scheduleGroupName(name)],
          [target, functionArn],
          [role, roleArn],
          [deadLetters, deadLettersArn],
          [key, keyArn],
        ];
      },
    ),
  );

export interface EnvironmentChoices {
  readonly access?: AccessMode;
  /** Names, or folders as file: URLs. */
  readonly buckets?: Readonly<Record<BucketName, string>>;
  /** Settings that replace the defaults of definitions. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The variables that a function's definition names, with the local stack's values. */
export const environmentOf = (
  definition: FunctionDefinition,
  { access = "open", buckets = { recordings: "recordings" }, settings = {} }: EnvironmentChoices = {},
): Record<string, string> => ({
  ...(asksForKeys(definition) && { [ACCESS_VARIABLE]: access }),
  ...Object.fromEntries(
    (Object.keys(definition.tables ?? {}) as TableName[]).map((table) => [
      tableVariable(table),
      tableName(table),
    ]),
  ),
  ...Object.fromEntries(
    (definition.publishesTo ?? []).map((stream) => [streamVariable(stream), streamName(stream)]),
  ),
  ...Object.fromEntries(
    (definition.starts ?? []).map((workflow) => [workflowVariable(workflow), workflowArn(workflow)]),
  ),
  ...Object.fromEntries(
    (definition.readsFrom ?? []).map((bucket) => [bucketVariable(bucket), buckets[bucket]]),
  ),
  ...scheduleVariablesOf(definition),
  ...Object.fromEntries(
    (definition.limits ?? []).map((limit) => {
      const name = limitVariable(limit);
      return [name, process.env[name] || String(LIMITS[limit])];
    }),
  ),
  ...settingsOf(definition, settings),
});
