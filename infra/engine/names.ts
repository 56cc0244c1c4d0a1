import { MANIFEST } from "../../functions/manifest.ts";
import { ACCOUNT, REGION } from "../../hosts/lambda-events/stand-ins.ts";
import type { BucketName } from "../../lib/resources/bucket.ts";
import type { AnyKind, LocalHome } from "../../lib/resources/kind.ts";
import { KINDS, type UsedResource, usedResources, variablesOf } from "../../lib/resources/kinds.ts";
import {
  type ScheduleGroupName,
  type ScheduleTarget,
  scheduleGroupKind,
} from "../../lib/resources/schedule-group.ts";
import type { StreamName } from "../../lib/resources/stream.ts";
import type { TableName } from "../../lib/resources/table.ts";
import type { WorkflowName } from "../../lib/resources/workflow.ts";
import type { AccessMode, FunctionDefinition } from "../../lib/runtime/definition.ts";
import { ACCESS_VARIABLE, asksForKeys, settingsOf } from "../../lib/runtime/definition.ts";

const arn = (service: string, resource: string): string =>
  `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;

/** Physical names: on one machine they need not differ from the logical ones. */
export const tableName = (table: TableName): string => table;
export const streamName = (stream: StreamName): string => stream;
export const scheduleGroupName = (group: ScheduleGroupName): string => group;
export const streamArn = (stream: StreamName): string => arnOfStream(streamName(stream));
/** Of a stream by its physical name: functions ask by it when the stream was created. */
export const arnOfStream = (physicalName: string): string => arn("kinesis", `stream/${physicalName}`);
export const workflowArn = (workflow: WorkflowName): string => arn("states", `stateMachine:${workflow}`);
export const functionArn = (functionName: string): string => arn("lambda", `function:${functionName}`);

/** Raises RangeError when no definition says that its function is started by it. */
const functionStartedBy = (group: string): string => {
  const started = MANIFEST.find(({ schedule }) => schedule === group);
  if (!started) throw new RangeError(`the schedules of ${group} start no function`);
  return started.name;
};

/** Raises RangeError when no definition says that its function is started by it. */
export const functionStartedByFilesIn = (folder: string): string => {
  const started = MANIFEST.find(({ bucket }) => bucket === folder);
  if (!started) throw new RangeError(`the files of ${folder} start no function`);
  return started.name;
};

type Variables = Readonly<Record<string, string | undefined>>;

const homeWith = (
  folders: Readonly<Record<string, string>>,
  variables: Variables = process.env,
): LocalHome => ({ arn, functionStartedBy, variables, folders });

/** The target of new schedules of a group. */
export const scheduleTarget = (group: ScheduleGroupName): ScheduleTarget => {
  const values = scheduleGroupKind.local(group, homeWith({}));
  const given = (name: string): string => {
    const value = values[name];
    if (value === undefined) throw new RangeError(`the schedules of ${group} have no ${name} here`);
    return value;
  };
  return {
    functionArn: given("target"),
    roleArn: given("role"),
    deadLettersArn: given("deadLetters"),
    keyArn: given("key"),
  };
};

export interface EnvironmentChoices {
  readonly access?: AccessMode;
  /** Names, or folders as file: URLs. */
  readonly buckets?: Readonly<Partial<Record<BucketName, string>>>;
  /** Settings that replace the defaults of definitions. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Before the name of every table. Default: nothing. */
  readonly tablePrefix?: string;
  /** Names, or nats: URLs. Default: the logical names. */
  readonly streams?: Readonly<Partial<Record<StreamName, string>>>;
  /** Where limits are looked up. Default: the environment of this process. */
  readonly variables?: Variables;
}

/** The names that a home may choose. */
const physicalName = (
  { kind, name }: UsedResource,
  { tablePrefix = "", streams = {} }: EnvironmentChoices,
): { readonly name?: string } => {
  if (kind.name === "table") return { name: `${tablePrefix}${name}` };
  const stream = kind.name === "stream" ? streams[name as StreamName] : undefined;
  return stream === undefined ? {} : { name: stream };
};

/** The variables that a function's definition names, with the values that a home outside AWS gives them. */
export const environmentOf = (
  definition: FunctionDefinition,
  choices: EnvironmentChoices = {},
  kinds: readonly AnyKind[] = KINDS,
): Record<string, string> => {
  const { access = "open", buckets = {}, settings = {}, variables } = choices;
  const home = homeWith(buckets, variables);
  return {
    ...(asksForKeys(definition) && { [ACCESS_VARIABLE]: access }),
    ...Object.assign(
      {},
      ...usedResources(definition, kinds).map((used) =>
        variablesOf(used, { ...used.kind.local(used.name, home), ...physicalName(used, choices) }),
      ),
    ),
    ...settingsOf(definition, settings),
  };
};
