import type { Synthesized, TemplateResource } from "./synthesize.ts";

/*
 * A template's values as they will be once it is deployed, with names like those that CloudFormation
 * generates.
 */

export const ACCOUNT = "111122223333";
export const REGION = "eu-central-1";
const PSEUDO: Readonly<Record<string, unknown>> = {
  "AWS::AccountId": ACCOUNT,
  "AWS::Region": REGION,
  "AWS::Partition": "aws",
  "AWS::URLSuffix": "amazonaws.com",
};

/** Where a resource's name is in its ARN, for the services whose Ref is the name. */
const ARNS: Readonly<Record<string, (name: string) => string>> = {
  "AWS::DynamoDB::Table": (name) => `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${name}`,
  "AWS::Events::Rule": (name) => `arn:aws:events:${REGION}:${ACCOUNT}:rule/${name}`,
  "AWS::IAM::Role": (name) => `arn:aws:iam::${ACCOUNT}:role/${name}`,
  "AWS::Kinesis::Stream": (name) => `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/${name}`,
  "AWS::KMS::Key": (name) => `arn:aws:kms:${REGION}:${ACCOUNT}:key/${name}`,
  "AWS::Lambda::Function": (name) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`,
  "AWS::Logs::LogGroup": (name) => `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${name}:*`,
  "AWS::S3::Bucket": (name) => `arn:aws:s3:::${name}`,
  "AWS::Scheduler::ScheduleGroup": (name) => `arn:aws:scheduler:${REGION}:${ACCOUNT}:schedule-group/${name}`,
  "AWS::StepFunctions::StateMachine": (name) => `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${name}`,
  "AWS::SNS::Topic": (name) => `arn:aws:sns:${REGION}:${ACCOUNT}:${name}`,
  "AWS::SQS::Queue": (name) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`,
  "AWS::CloudWatch::Alarm": (name) => `arn:aws:cloudwatch:${REGION}:${ACCOUNT}:alarm:${name}`,
};
/** Types whose Ref is the ARN. */
const REF_IS_ARN = new Set(["AWS::SNS::Topic", "AWS::Lambda::Alias", "AWS::StepFunctions::StateMachine"]);
const NAME_PROPERTY =
  /^(AlarmName|FunctionName|LogGroupName|QueueName|RoleName|StateMachineName|TableName|Name)$/;

export interface Resolver {
  (value: unknown): unknown;
  /** The ARN that a resource will have. */
  arnOf(logicalId: string): string;
  nameOf(logicalId: string): string;
}

/** Fills in what a template leaves to CloudFormation. Raises an Error where it has no rule. */
export const resolverOf = ({ template, stack }: Synthesized): Resolver => {
  const resourceOf = (id: string): TemplateResource => {
    const resource = template.Resources[id];
    if (!resource) throw new Error(`the template has no ${id}`);
    return resource;
  };
  const nameOf = (id: string): string => {
    const { Properties } = resourceOf(id);
    const given = Object.entries(Properties ?? {}).find(([property]) => NAME_PROPERTY.test(property));
    if (given && resourceOf(id).Type !== "AWS::Lambda::Alias") return String(resolve(given[1]));
    return `${stack.stackName}-${id}-1A2B3C4D5E6F`;
  };
  const arnOf = (id: string): string => {
    const { Type, Properties } = resourceOf(id);
    if (Type === "AWS::Lambda::Alias") return `${arnOf(Properties.FunctionName.Ref)}:${Properties.Name}`;
    const arn = ARNS[Type];
    if (!arn) throw new Error(`no rule for the ARN of ${Type}`);
    return arn(nameOf(id));
  };
  const refOf = (id: string): unknown => {
    if (id in PSEUDO) return PSEUDO[id];
    if (id === "AWS::StackName") return stack.stackName;
    if (id === "AWS::StackId")
      return `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/${stack.stackName}/0-1-2`;
    return REF_IS_ARN.has(resourceOf(id).Type) ? arnOf(id) : nameOf(id);
  };
  const attributeOf = (id: string, attribute: string): unknown => {
    if (attribute === "Arn") return arnOf(id);
    if (/Name$/.test(attribute)) return nameOf(id);
    return `${id}.${attribute}`;
  };
  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value !== "object" || value === null) return value;
    const [[key, content] = ["", undefined], ...others] = Object.entries(value);
    if (others.length === 0 && key === "Ref") return refOf(String(content));
    if (others.length === 0 && key === "Fn::GetAtt") return attributeOf(...(content as [string, string]));
    if (others.length === 0 && key === "Fn::Join") {
      const [separator, parts] = content as [string, unknown[]];
      return parts.map(resolve).join(separator);
    }
    if (others.length === 0 && key === "Fn::Select") {
      const [index, all] = content as [number, unknown];
      return (resolve(all) as unknown[])[Number(index)];
    }
    if (others.length === 0 && key === "Fn::Split") {
      const [separator, text] = content as [string, unknown];
      return String(resolve(text)).split(separator);
    }
    if (key.startsWith("Fn::")) throw new Error(`no rule for ${key}`);
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, resolve(each)]));
  };
  return Object.assign(resolve, { arnOf, nameOf });
};
