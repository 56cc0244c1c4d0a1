import { ArnFormat, Aws, Fn, Stack } from "aws-cdk-lib";
import type { Construct, IConstruct } from "constructs";
import type { BucketName } from "../../lib/resources/bucket.ts";
import type { WorkflowName } from "../../lib/resources/workflow.ts";

/**
 * The stack that people deploy. The nested stacks are its parts, and everything in them is named after it.
 */
export const rootStackOf = (scope: IConstruct): Stack => {
  const stack = Stack.of(scope);
  return stack.nestedStackParent ? rootStackOf(stack.nestedStackParent) : stack;
};

/** Functions and state machines carry their own names; the root stack's name keeps stages apart. */
export const physicalName = (scope: Construct, name: string): string =>
  `${rootStackOf(scope).stackName}-${name}`;

/**
 * Known before the state machine exists: a workflow calls functions, and some of those start the workflow
 * again; as references that would be a cycle, which CloudFormation refuses.
 */
export const workflowArn = (scope: Construct, workflow: WorkflowName): string =>
  Stack.of(scope).formatArn({
    service: "states",
    resource: "stateMachine",
    resourceName: physicalName(scope, workflow),
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });

/**
 * Name of the rule that starts a function for new files in a bucket; the queue, in another stack than the
 * rule, needs it.
 */
export const fileRuleName = (scope: Construct, bucket: BucketName): string =>
  physicalName(scope, `${bucket}-files`);

/** The principal that CloudWatch's alarms are to other services. */
export const ALARM_SERVICE = "cloudwatch.amazonaws.com";

/**
 * A policy's condition for what CloudWatch does on behalf of the stack's alarms. All have physicalName's
 * names.
 */
export const alarmsOfThisStack = (scope: Construct): Record<string, Record<string, string>> => {
  const stack = Stack.of(scope);
  const alarms = stack.formatArn({
    service: "cloudwatch",
    resource: "alarm",
    resourceName: physicalName(scope, "*"),
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  return { StringEquals: { "aws:SourceAccount": stack.account }, ArnLike: { "aws:SourceArn": alarms } };
};

/**
 * A log group that a service writes by log delivery. The prefix keeps it out of the account's one, small,
 * delivery policy; the stack's own id lets a new stack begin where the logs of a former one were kept.
 */
export const deliveredLogsName = (scope: Construct, service: string, name: string): string =>
  `/aws/vendedlogs/${service}/${physicalName(scope, name)}-${Fn.select(2, Fn.split("/", Aws.STACK_ID))}`;

/** Each entry, by its key. */
export const mapRecord = <Key extends string, From, To>(
  record: Readonly<Record<Key, From>>,
  map: (value: From, key: Key) => To,
): Readonly<Record<Key, To>> =>
  Object.fromEntries(
    (Object.entries(record) as [Key, From][]).map(([key, value]) => [key, map(value, key)]),
  ) as Record<Key, To>;

/** The names in a partial record, in its order. */
export const namesIn = <Key extends string>(record: Readonly<Partial<Record<Key, unknown>>>): Key[] =>
  Object.keys(record) as Key[];
