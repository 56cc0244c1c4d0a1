import { Duration } from "aws-cdk-lib";
import { Rule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { Grant } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { type Bucket, CfnBucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { type BucketName, bucketVariable } from "../../lib/runtime/definition.ts";
import type { DeadLetters } from "./dead-letters.ts";
import type { BacktrackFunction } from "./function.ts";
import { privateBucket } from "./private-bucket.ts";

export interface ImportBucketProps {
  readonly name: BucketName;
  /** What every new object starts. */
  readonly target: BacktrackFunction;
  /** Gets the events that could not be delivered, and those that the target could not take. */
  readonly deadLetters: DeadLetters;
  readonly accessLogs: Bucket;
  readonly key: IKey;
}

/** A bucket whose new objects start a function, by way of EventBridge. */
export class ImportBucket extends Construct {
  readonly name: BucketName;
  readonly bucket: Bucket;
  readonly ruleName: string;

  constructor(
    scope: Construct,
    id: string,
    { name, target, deadLetters, accessLogs, key }: ImportBucketProps,
  ) {
    super(scope, id);
    this.name = name;
    this.bucket = privateBucket(this, "Bucket", key, accessLogs);
    // CDK's own way is a function that may change the notifications of every bucket of the account.
    const resource = this.bucket.node.defaultChild;
    if (!CfnBucket.isCfnBucket(resource)) throw new Error("the bucket has no resource");
    resource.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
    const rule = new Rule(this, "ObjectCreated", {
      description: `Backtrack: new objects in ${name} start ${target.definition.name}`,
      eventPattern: {
        source: ["aws.s3"],
        detailType: ["Object Created"],
        detail: { bucket: { name: [this.bucket.bucketName] } },
      },
      targets: [
        new LambdaFunction(target.entry, {
          deadLetterQueue: deadLetters.queue,
          maxEventAge: Duration.hours(24),
          retryAttempts: 185,
        }),
      ],
    });
    this.ruleName = rule.ruleName;
    target.entry.configureAsyncInvoke({
      maxEventAge: Duration.hours(6),
      retryAttempts: 2,
      onFailure: deadLetters,
    });
  }

  /** Lets a function read the objects, and names the bucket to it. */
  use({ lambda }: BacktrackFunction): void {
    const grant = (actions: string[], resource: string): void => {
      Grant.addToPrincipal({ grantee: lambda, actions, resourceArns: [resource] });
    };
    grant(["s3:GetObject", "s3:GetObjectVersion"], this.bucket.arnForObjects("*"));
    // Without it S3 does not say of an object that it is not there.
    grant(["s3:ListBucket"], this.bucket.bucketArn);
    this.bucket.encryptionKey?.grant(lambda, "kms:Decrypt");
    lambda.addEnvironment(bucketVariable(this.name), this.bucket.bucketName);
  }
}
