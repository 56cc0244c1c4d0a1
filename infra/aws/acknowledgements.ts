import { CfnElement, Names, type Stack, Validations } from "aws-cdk-lib";
import { Table } from "aws-cdk-lib/aws-dynamodb";
import { Stream } from "aws-cdk-lib/aws-kinesis";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { Subscription } from "aws-cdk-lib/aws-sns";
import type { IConstruct } from "constructs";
import { Backups } from "./backups.ts";
import { Canaries } from "./canaries.ts";
import { DeadLetters } from "./dead-letters.ts";
import { FAILED_RECORDS_PREFIX } from "./failed-records.ts";
import { BacktrackFunction, takesPositions } from "./function.ts";
import { HttpApi } from "./http-api.ts";
import { InlineRole } from "./inline-role.ts";
import type { Settings } from "./settings.ts";
import { Workflow } from "./workflow.ts";

/*
 * Every finding of the rule packs that we accept, with the reason. A finding without an entry here fails the
 * synthesis; an entry without a finding fails a test.
 */

export interface Acknowledgement {
  /** Names as the packs print them; a rule may be in several packs. */
  readonly rules: readonly string[];
  /** The constructs that it applies to, with everything in them. */
  readonly at: (stack: Stack, settings: Settings) => readonly IConstruct[];
  readonly reason: string;
}

const hipaaAndNist = (rule: string): string[] => [`HIPAA.Security-${rule}`, `NIST.800.53.R5-${rule}`];

const every =
  <Kind extends IConstruct>(
    kind: abstract new (...args: never[]) => Kind,
    where?: (found: Kind) => boolean,
  ) =>
  (stack: Stack): Kind[] =>
    stack.node
      .findAll()
      .filter((found): found is Kind => found instanceof kind)
      .filter((found) => where?.(found) ?? true);

export const ACKNOWLEDGEMENTS: readonly Acknowledgement[] = [
  {
    rules: ["AwsSolutions-IAM5[Resource::*]", "Serverless-LambdaStarPermissions"],
    at: every(BacktrackFunction),
    reason:
      "xray:PutTraceSegments and xray:PutTelemetryRecords have no resource type in AWS's service authorization reference: a policy that " +
      "names a resource allows neither. Both only write the function's own trace, and functions that are not traced " +
      "do not have them. A test refuses any other action on *.",
  },
  {
    rules: ["AwsSolutions-IAM5[Resource::*]"],
    at: every(Workflow),
    reason:
      "X-Ray's actions and the actions of CloudWatch log delivery (logs:CreateLogDelivery and its kin) take no resource; " +
      "nothing else is granted on *. The functions that it may call are listed one by one.",
  },
  {
    rules: [`AwsSolutions-IAM5[Resource::<Data/FailedRecords.Arn>/${FAILED_RECORDS_PREFIX}*]`],
    at: every(BacktrackFunction, ({ definition }) => definition.stream !== undefined),
    reason:
      "Lambda names the objects that it writes for a failed batch by mapping, shard and time, under this prefix; " +
      "the only object action is s3:PutObject.",
  },
  {
    rules: [
      "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]",
    ],
    at: every(Canaries),
    reason:
      "AWS's own limited policy for what CodeDeploy does with aliases and alarms; only the CodeDeploy service can take the role.",
  },
  {
    rules: hipaaAndNist("IAMNoInlinePolicy"),
    at: every(InlineRole),
    reason:
      "Each policy is made from one function's or workflow's definition for its one role, and changes and goes with it. " +
      "A managed policy would be one that other roles could attach.",
  },
  {
    rules: ["Serverless-LambdaDLQ", ...hipaaAndNist("LambdaDLQ")],
    at: every(BacktrackFunction),
    reason:
      "A dead-letter queue is for asynchronous invocations. API Gateway and Step Functions wait for the response, and the stream's " +
      "failures go, whole, to the failed-records bucket. Functions started by schedules and files have a failure destination instead: also a " +
      "queue, which receives the reason too.",
  },
  {
    rules: [
      "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule/<Schedules/ReplaysSchedules/Group>/*]",
    ],
    at: every(BacktrackFunction, ({ definition }) => definition.schedules !== undefined),
    reason:
      "Schedules are named by their users while the stack runs; the group is the stack's own, and what may be done in it " +
      "is named action by action.",
  },
  {
    rules: [
      "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule/*/*]",
    ],
    at: every(
      BacktrackFunction,
      ({ definition }) => definition.schedules?.replays?.includes("list") ?? false,
    ),
    reason:
      "scheduler:ListSchedules can't be granted for one group. It shows names and targets; what a schedule does is read with " +
      "scheduler:GetSchedule, which is granted for the stack's own group alone.",
  },
  {
    rules: ["AwsSolutions-IAM5[Resource::<Data/Recordings/Bucket.Arn>/*]"],
    at: every(BacktrackFunction, ({ definition }) => definition.readsFrom?.includes("recordings") ?? false),
    reason:
      "Users choose the names of the objects that they put there; the function may only read them, one version at a time.",
  },
  {
    rules: ["AwsSolutions-SQS3", "Serverless-SQSRedrivePolicy"],
    at: every(DeadLetters),
    reason:
      "It is itself the queue for events that nobody took; an alarm reports each, and nothing consumes it automatically.",
  },
  {
    rules: hipaaAndNist("LambdaConcurrency"),
    at: every(BacktrackFunction),
    reason:
      "A function's limit in Lambda is always taken from all other functions: forty limits would use up an account's 1,000, and a new " +
      "account's 10 at once. What runs is bounded by what starts it: the API's throttle, shards times the parallelization factor, quotas of " +
      "replays and tasks. reserveConcurrency=on keeps a share for the stream's consumers, and throttled calls raise an alarm.",
  },
  {
    rules: hipaaAndNist("LambdaInsideVPC"),
    at: every(BacktrackFunction),
    reason:
      "The functions talk only to AWS's own APIs, over TLS and with IAM on both ends, and listen on nothing. A VPC would add " +
      "endpoints that are paid by the hour and need care, and no resource of a VPC is used.",
  },
  {
    rules: ["AwsSolutions-KDS3"],
    at: every(Stream),
    reason:
      "The customer-managed key is intended: the customer can see and end its policy, rotation and use.",
  },
  {
    rules: hipaaAndNist("DynamoDBInBackupPlan"),
    at: (stack, { isHipaa }) => (isHipaa ? [] : every(Table)(stack)),
    reason:
      "compliance=hipaa adds a vault and a plan for all tables. Without it there is point-in-time recovery, to any second of 35 days, and " +
      "production tables can't be deleted: a second set of copies would cost those who did not ask for it.",
  },
  {
    rules: hipaaAndNist("S3BucketReplicationEnabled"),
    at: every(Bucket),
    reason:
      "Here are copies of records until they are put back, imported files, and access logs; all are versioned. Another region would be " +
      "a second place for people's positions, which is the customer's decision.",
  },
  {
    rules: hipaaAndNist("S3DefaultEncryptionKMS"),
    at: every(Bucket, ({ encryptionKey }) => encryptionKey === undefined),
    reason: "S3 delivers its access logs only to a bucket encrypted with S3's own key (SSE-S3).",
  },
  {
    rules: ["AwsSolutions-APIG4"],
    at: (stack, { apiAccess }) => (apiAccess === "keys" ? every(HttpApi)(stack) : []),
    reason:
      "Keys are checked in the function: what a key may do depends on the device in the path, the query or the body, which an " +
      "authorizer of an HTTP API does not fully see, so the function must decide in any case, and phones can't sign with IAM. An " +
      "authorizer would only save the function's call for strangers; it would cost a call itself, and the API's throttle bounds both.",
  },
  {
    rules: ["AwsSolutions-APIG4"],
    at: (stack, { apiAccess }) => (apiAccess === "open" ? every(HttpApi)(stack) : []),
    reason:
      "Whoever deployed chose apiAccess=open and was warned; by default a key is required, and compliance=hipaa insists on it.",
  },
  {
    rules: ["Serverless-LambdaTracing"],
    at: every(BacktrackFunction, ({ definition }) => definition.logsOneGoodCallIn !== undefined),
    reason:
      "It is called for each request of the fleet: tracing one costs eight times as much as serving it (docs/costs.md). Its own log " +
      "has each failure and a sample of the rest; the services measure what it calls.",
  },
  {
    rules: ["AwsSolutions-APIG1", "Serverless-APIGWAccessLogging"],
    at: (stack, { hasGatewayLog }) => (hasGatewayLog ? [] : every(HttpApi)(stack)),
    reason:
      "A line for each incoming position costs as much as storing it. The functions log every request with its caller, except that of " +
      "successful requests with positions they log a sample; gatewayLog=on adds the gateway's own line, and compliance=hipaa insists on it.",
  },
  {
    rules: hipaaAndNist("LambdaFunctionPublicAccessProhibited"),
    at: (stack, { hasIngestUrl }) =>
      hasIngestUrl ? every(BacktrackFunction, ({ definition }) => takesPositions(definition))(stack) : [],
    reason:
      "ingest=function-url was chosen: the function checks the API key before anything else, as behind the gateway; " +
      "phones can't sign requests. Reserved concurrency limits what strangers can cause, and compliance=hipaa refuses the option.",
  },
  {
    rules: [
      "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup]",
    ],
    at: every(Backups),
    reason:
      "AWS's own policy for what AWS Backup does to read tables and write copies, which it extends as the service does; only the Backup " +
      "service can take the role, and no policy of ours could follow it.",
  },
  {
    rules: ["Serverless-SNSRedrivePolicy"],
    at: every(Subscription),
    reason:
      "It is an e-mail to a person; the alarm itself stays in CloudWatch and on the dashboard until it has cleared.",
  },
];

/** Writes the reasons into the construct tree, where the rule packs look for them. */
export const acknowledgeFindings = (stack: Stack, settings: Settings): void => {
  for (const { rules, at, reason } of ACKNOWLEDGEMENTS) {
    for (const construct of at(stack, settings)) {
      const ids = rules.flatMap((rule) => asPrinted(rule, stack));
      Validations.of(construct).acknowledge(...ids.map((id) => ({ id, reason })));
    }
  }
};

/**
 * The packs print a resource with a name that ends in a hash, which nobody should have to copy: rules give
 * the path of the construct instead, `<Data/FailedRecords.Arn>`. In its own stack a resource has its logical
 * id; in another one, that of the parameter by which CDK passes it on.
 */
const asPrinted = (rule: string, stack: Stack): string[] => {
  const PATH = /<([A-Z][a-z][\w/]*)(\.Arn)?>/;
  const [whole = "", path, attribute = ""] = PATH.exec(rule) ?? [];
  if (path === undefined) return [rule];
  const found = path.split("/").reduce<IConstruct>((parent, id) => parent.node.findChild(id), stack);
  const resource = found.node.defaultChild ?? found;
  if (!CfnElement.isCfnElement(resource)) throw new Error(`${path} is not a resource of the stack`);
  const { nestedStackResource } = resource.stack;
  const handedOver = nestedStackResource
    ? `referenceto${Names.nodeUniqueId(nestedStackResource.node)}Outputs${Names.nodeUniqueId(resource.node)}`
    : "";
  return [
    `<${resource.stack.resolve(resource.logicalId)}${attribute}>`,
    `<${handedOver}${attribute.replace(".", "") || "Ref"}>`,
  ].map((printed) => rule.replace(whole, printed));
};
