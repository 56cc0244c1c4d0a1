import { Duration } from "aws-cdk-lib";
import { Rule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { DeadLetters } from "./dead-letters.ts";
import type { FileBucket } from "./file-bucket.ts";
import type { BacktrackFunction } from "./function.ts";
import { fileRuleName } from "./names.ts";

export interface FileRuleProps {
  readonly from: FileBucket;
  /** What every new object starts. */
  readonly target: BacktrackFunction;
  /** Receives the events that could not be delivered, and those that the target did not accept. */
  readonly deadLetters: DeadLetters;
}

/** Starts a function for every new object of a bucket, by way of EventBridge. */
export class FileRule extends Construct {
  readonly ruleName: string;

  constructor(scope: Construct, id: string, { from: { name, bucket }, target, deadLetters }: FileRuleProps) {
    super(scope, id);
    this.ruleName = fileRuleName(this, name);
    // Given the queue itself, CDK would write the rule into the queue's policy, and so refer to this stack
    // from the queue's.
    const queue = Queue.fromQueueArn(this, "Undelivered", deadLetters.queue.queueArn);
    new Rule(this, "ObjectCreated", {
      ruleName: this.ruleName,
      description: `Backtrack: new objects in ${name} start ${target.definition.name}`,
      eventPattern: {
        source: ["aws.s3"],
        detailType: ["Object Created"],
        detail: { bucket: { name: [bucket.bucketName] } },
      },
      targets: [
        new LambdaFunction(target.entry, {
          deadLetterQueue: queue,
          maxEventAge: Duration.hours(24),
          retryAttempts: 185,
        }),
      ],
    });
    target.entry.configureAsyncInvoke({
      maxEventAge: Duration.hours(6),
      retryAttempts: 2,
      onFailure: deadLetters,
    });
  }
}
