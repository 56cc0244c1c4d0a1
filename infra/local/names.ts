import type {
  AccessMode,
  FunctionDefinition,
  StreamName,
  TableName,
  WorkflowName,
} from "../../lib/runtime/definition.ts";
import {
  ACCESS_VARIABLE,
  asksForKeys,
  streamVariable,
  tableVariable,
  workflowVariable,
} from "../../lib/runtime/definition.ts";

/** The local stack's stand-ins for a region and an account. */
export const REGION = "us-east-1";
export const ACCOUNT = "000000000000";

/** Physical names: on one machine nothing else needs room beside them, so they are the logical ones. */
export const tableName = (table: TableName): string => table;
export const streamName = (stream: StreamName): string => stream;
export const streamArn = (stream: StreamName): string =>
  `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/${streamName(stream)}`;
export const workflowArn = (workflow: WorkflowName): string =>
  `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${workflow}`;
export const functionArn = (functionName: string): string =>
  `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${functionName}`;

/** The variables that a function's definition asks for, with the local stack's names. */
export const environmentOf = (
  definition: FunctionDefinition,
  access: AccessMode = "open",
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
  ...definition.environment,
});
