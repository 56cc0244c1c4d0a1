import type { Table } from "aws-cdk-lib/aws-dynamodb";
import { Grant } from "aws-cdk-lib/aws-iam";
import type { Stream } from "aws-cdk-lib/aws-kinesis";
import {
  type Access,
  bucketVariable,
  type StreamName,
  streamVariable,
  type TableName,
  tableVariable,
  type WorkflowName,
  workflowVariable,
} from "../../lib/runtime/definition.ts";
import type { FileBucket } from "./file-bucket.ts";
import type { BacktrackFunction } from "./function.ts";
import { namesIn, workflowArn } from "./names.ts";
import type { Schedules } from "./schedules.ts";
import type { Storage } from "./storage.ts";
import { actionsOn, TABLE_ACTIONS } from "./table-actions.ts";

/*
 * What a function may use: the grant and the variable that names the thing come from one call, so that neither is given
 * without the other. CDK's own grants are wider than our adapters need (table streams, ConditionCheckItem, kms:ReEncrypt*).
 */

/** DynamoDB uses the table's key in the name of the caller. */
const TABLE_KEY_ACTIONS = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"];

/** What a definition may name. */
export interface Nameable {
  readonly storage: Storage;
  readonly schedules: readonly Schedules[];
  readonly buckets: readonly FileBucket[];
}

/** Everything that the definition names. */
export const grantWhatItNames = (fn: BacktrackFunction, { storage, schedules, buckets }: Nameable): void => {
  const { definition } = fn;
  const { tables = {}, publishesTo = [], readsFrom = [], starts = [] } = definition;
  for (const name of namesIn<TableName>(tables)) {
    useTable(fn, name, storage.tables[name], tables[name] ?? "read");
  }
  if (definition.stream) identify(fn, storage.streams[definition.stream.stream]);
  for (const name of publishesTo) publishTo(fn, name, storage.streams[name]);
  for (const bucket of buckets) if (readsFrom.includes(bucket.name)) readFrom(fn, bucket);
  for (const name of starts) start(fn, name);
  for (const group of schedules) {
    const access = definition.schedules?.[group.name];
    if (access) group.use(fn, access);
  }
};

/** The tables that a function writes to, with the operations by which it does. */
export const tableWrites = (
  { definition: { tables = {} } }: BacktrackFunction,
  storage: Storage,
): { table: Table; operations: readonly string[] }[] =>
  namesIn<TableName>(tables)
    .filter((name) => tables[name] !== "read")
    .map((name) => ({
      table: storage.tables[name],
      operations: TABLE_ACTIONS[name].write,
    }));

const useTable = (fn: BacktrackFunction, name: TableName, table: Table, access: Access): void => {
  table.grant(fn.lambda, ...actionsOn(name, access).map((action) => `dynamodb:${action}`));
  table.encryptionKey?.grant(fn.lambda, ...TABLE_KEY_ACTIONS);
  fn.lambda.addEnvironment(tableVariable(name), table.tableName);
};

const publishTo = (fn: BacktrackFunction, name: StreamName, stream: Stream): void => {
  stream.grant(fn.lambda, "kinesis:PutRecords");
  stream.encryptionKey?.grant(fn.lambda, "kms:GenerateDataKey");
  fn.lambda.addEnvironment(streamVariable(name), stream.streamName);
};

/** Who is fed from a stream asks when it was created; see lib/core/stream/stream-identity.ts. Its name comes with the records. */
const identify = (fn: BacktrackFunction, stream: Stream): void => {
  stream.grant(fn.lambda, "kinesis:DescribeStreamSummary");
};

const readFrom = (fn: BacktrackFunction, { name, bucket }: FileBucket): void => {
  const grant = (actions: string[], resource: string): void => {
    Grant.addToPrincipal({ grantee: fn.lambda, actions, resourceArns: [resource] });
  };
  grant(["s3:GetObject", "s3:GetObjectVersion"], bucket.arnForObjects("*"));
  // Without it S3 does not say of an object that it is not there.
  grant(["s3:ListBucket"], bucket.bucketArn);
  bucket.encryptionKey?.grant(fn.lambda, "kms:Decrypt");
  fn.lambda.addEnvironment(bucketVariable(name), bucket.bucketName);
};

const start = (fn: BacktrackFunction, workflow: WorkflowName): void => {
  const arn = workflowArn(fn, workflow);
  Grant.addToPrincipal({ grantee: fn.lambda, actions: ["states:StartExecution"], resourceArns: [arn] });
  fn.lambda.addEnvironment(workflowVariable(workflow), arn);
};
