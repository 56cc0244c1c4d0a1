import { Duration, Stack } from "aws-cdk-lib";
import { Grant, type IGrantable, PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { DestinationConfig, IDestination, IFunction } from "aws-cdk-lib/aws-lambda";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";

/**
 * Where events that no function accepted wait, with the reason, for as long as SQS keeps them. It is the
 * failure destination of functions that are called asynchronously.
 */
export class DeadLetters extends Construct implements IDestination {
  readonly queue: Queue;
  readonly #key: IKey;

  constructor(scope: Construct, id: string, key: IKey) {
    super(scope, id);
    this.#key = key;
    this.queue = new Queue(this, "Queue", {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: key,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
  }

  /** CDK's own grant would allow everything that a sender could ever ask for, with every use of the key. */
  grantSend(grantee: IGrantable): void {
    const { queueArn } = this.queue;
    Grant.addToPrincipal({ grantee, actions: ["sqs:SendMessage"], resourceArns: [queueArn] });
    this.#key.grant(grantee, "kms:Decrypt", "kms:GenerateDataKey");
  }

  /** EventBridge itself puts here what a rule's target did not accept. */
  acceptFromRule(ruleName: string): void {
    const rule = Stack.of(this).formatArn({ service: "events", resource: "rule", resourceName: ruleName });
    this.queue.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal("events.amazonaws.com")],
        actions: ["sqs:SendMessage"],
        resources: [this.queue.queueArn],
        conditions: { ArnEquals: { "aws:SourceArn": rule } },
      }),
    );
  }

  bind(_scope: Construct, fn: IFunction): DestinationConfig {
    this.grantSend(fn);
    return { destination: this.queue.queueArn };
  }
}
