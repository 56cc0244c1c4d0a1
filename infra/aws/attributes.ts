import type { BucketName } from "../../lib/resources/bucket.ts";
import type { Attributes } from "../../lib/resources/kind.ts";
import type { KindName } from "../../lib/resources/kinds.ts";
import type { LimitName } from "../../lib/resources/limit.ts";
import type { ScheduleGroupName } from "../../lib/resources/schedule-group.ts";
import type { StreamName } from "../../lib/resources/stream.ts";
import type { TableName } from "../../lib/resources/table.ts";
import type { WorkflowName } from "../../lib/resources/workflow.ts";
import type { DataStack } from "./data-stack.ts";
import { workflowArn } from "./names.ts";
import type { Schedules } from "./schedules.ts";
import type { Settings } from "./settings.ts";

/** What a resource has here, in the words of its kind. */
export type AttributesOf = (kind: string, name: string) => Attributes;

export interface Resources {
  readonly data: DataStack;
  readonly schedules: readonly Schedules[];
  readonly settings: Settings;
}

/** Where CDK's constructs meet the kinds of lib/resources/. Each kind has its entry. */
export const attributesIn = ({ data, schedules, settings }: Resources): AttributesOf => {
  const { storage, buckets } = data;
  const kinds = {
    table: (name: TableName) => {
      const { tableName, tableArn, encryptionKey } = storage.tables[name];
      return { name: tableName, arn: tableArn, key: encryptionKey?.keyArn };
    },
    stream: (name: StreamName) => {
      const { streamName, streamArn, encryptionKey } = storage.streams[name];
      return { name: streamName, arn: streamArn, key: encryptionKey?.keyArn };
    },
    bucket: (name: BucketName) => {
      const { bucket } = find(buckets, name);
      const { bucketName, bucketArn, encryptionKey } = bucket;
      const objects = bucket.arnForObjects("*");
      return { name: bucketName, arn: bucketArn, objects, key: encryptionKey?.keyArn };
    },
    workflow: (name: WorkflowName) => ({ arn: workflowArn(data, name) }),
    scheduleGroup: (name: ScheduleGroupName) => find(schedules, name).attributes,
    limit: (name: LimitName) => ({ value: String(settings.limits[name]) }),
  } satisfies Record<KindName, (name: never) => Attributes>;
  return (kind, name) => (kinds as Record<string, (name: string) => Attributes>)[kind]?.(name) ?? {};
};

const find = <Named extends { readonly name: string }>(all: readonly Named[], name: string): Named => {
  const found = all.find((each) => each.name === name);
  if (!found) throw new Error(`the stack has no ${name}`);
  return found;
};
