import { pathToFileURL } from "node:url";
import { MANIFEST } from "../../../functions/manifest.ts";
import { BUCKETS, SCHEDULE_GROUPS, STREAMS, TABLES, WORKFLOWS } from "../../../functions/resources.ts";
import { ACCOUNT, REGION } from "../../../hosts/lambda-events/stand-ins.ts";
import type { StreamName, TableName } from "../../../lib/runtime/definition.ts";
import { constructId } from "../../aws/construct-id.ts";
import { functionArn, scheduleGroupName, streamArn, streamName, tableName, workflowArn } from "../names.ts";
import { constructPath, stackName, type TemplateResource } from "./template.ts";

/** What `Ref` and `Fn::GetAtt` give for a resource: `Ref`, or the attribute's name, to the value in the local stack. */
export type Counterpart = Readonly<Record<string, string>>;

interface Kind {
  /** The property that holds the physical name, where the template gives one. */
  readonly nameProperty: string;
  /** Where in the app the one of a name is made; this tells them apart where CloudFormation chooses the name. */
  construct(id: string): string;
  /** By name, as in functions/resources.ts and functions/manifest.ts. */
  readonly counterparts: ReadonlyMap<string, Counterpart>;
}

const each = <Name extends string>(
  names: readonly Name[],
  counterpart: (name: Name) => Counterpart,
): ReadonlyMap<string, Counterpart> => new Map(names.map((name) => [name, counterpart(name)]));

const kindsOf = (inboxFolder: string): Readonly<Record<string, Kind>> => ({
  "AWS::DynamoDB::Table": {
    nameProperty: "TableName",
    construct: (id) => `Storage/${id}Table`,
    counterparts: each(Object.keys(TABLES) as TableName[], (name) => ({ Ref: tableName(name) })),
  },
  "AWS::Kinesis::Stream": {
    nameProperty: "Name",
    construct: (id) => `Storage/${id}Stream`,
    counterparts: each(Object.keys(STREAMS) as StreamName[], (name) => ({
      Ref: streamName(name),
      Arn: streamArn(name),
    })),
  },
  "AWS::S3::Bucket": {
    nameProperty: "BucketName",
    construct: (id) => `${id}/Bucket`,
    // On this machine every bucket for files is the inbox.
    counterparts: each(BUCKETS, () => ({ Ref: pathToFileURL(inboxFolder).href })),
  },
  "AWS::StepFunctions::StateMachine": {
    nameProperty: "StateMachineName",
    construct: (id) => `${id}Workflow/StateMachine`,
    counterparts: each(WORKFLOWS, (name) => ({
      Ref: workflowArn(name),
      Arn: workflowArn(name),
      Name: name,
    })),
  },
  "AWS::Scheduler::ScheduleGroup": {
    nameProperty: "Name",
    construct: (id) => `${id}Schedules/Group`,
    counterparts: each(SCHEDULE_GROUPS, (name) => ({ Ref: scheduleGroupName(name) })),
  },
  "AWS::Lambda::Function": {
    nameProperty: "FunctionName",
    construct: (id) => `${id}/Function`,
    counterparts: each(
      MANIFEST.map(({ name }) => name),
      (name) => ({ Ref: name, Arn: functionArn(name) }),
    ),
  },
  "AWS::Lambda::Alias": {
    nameProperty: "",
    construct: (id) => `${id}/Live`,
    counterparts: each(
      MANIFEST.map(({ name }) => name),
      (name) => ({ Ref: functionArn(name) }),
    ),
  },
});

/** What there is none of here, but which is only handed on: nobody checks it. */
const HANDED_ON: Readonly<Record<string, (logicalId: string) => Counterpart>> = {
  "AWS::IAM::Role": (id) => ({ Arn: `arn:aws:iam::${ACCOUNT}:role/${id}` }),
  "AWS::SQS::Queue": (id) => ({ Arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:${id}` }),
  "AWS::KMS::Key": (id) => ({ Arn: `arn:aws:kms:${REGION}:${ACCOUNT}:key/${id}` }),
};

/** Finds what stands for a resource in the local stack; undefined when nothing does. */
export const localCounterparts = (
  inboxFolder: string,
): ((logicalId: string, resource: TemplateResource) => Counterpart | undefined) => {
  const kinds = kindsOf(inboxFolder);
  return (logicalId, resource) => {
    const kind = kinds[resource.Type];
    if (!kind) return HANDED_ON[resource.Type]?.(logicalId);
    const physicalName = resource.Properties?.[kind.nameProperty];
    const name = [...kind.counterparts.keys()].find((candidate) =>
      typeof physicalName === "string"
        ? physicalName === `${stackName(resource)}-${candidate}`
        : constructPath(resource) === kind.construct(constructId(candidate)),
    );
    return name === undefined ? undefined : kind.counterparts.get(name);
  };
};
