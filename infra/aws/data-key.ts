import { ArnFormat, RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import { ALARM_SERVICE, alarmsOfThisStack, physicalName } from "./names.ts";
import type { Settings } from "./settings.ts";

/** The customer's own key for what the stack keeps. Functions get it piece by piece, with the grant that needs it. */
export class DataKey extends Construct {
  readonly key: Key;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    this.key = new Key(this, "Key", {
      description: `Backtrack ${settings.stage}: positions at rest`,
      enableKeyRotation: true,
      // It outlives the stack in every stage, because buckets do: from the first minute that a key waits for its deletion, nothing
      // that it has locked can be read.
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.#letLogsUseIt();
    this.#letAlarmsUseIt();
    this.#letRulesUseIt();
    if (settings.isHipaa) this.#letLogDeliveryUseIt();
  }

  #letLogsUseIt(): void {
    const stack = Stack.of(this);
    const logGroups = stack.formatArn({
      service: "logs",
      resource: "log-group",
      resourceName: "*",
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: "LogGroupsOfThisAccount",
        principals: [new ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
        actions: [
          "kms:Encrypt",
          "kms:Decrypt",
          "kms:ReEncryptFrom",
          "kms:ReEncryptTo",
          "kms:GenerateDataKey",
          "kms:GenerateDataKeyWithoutPlaintext",
          "kms:DescribeKey",
        ],
        resources: ["*"],
        conditions: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": logGroups } },
      }),
    );
  }

  /**
   * The logs of encrypted workflows are handed on by log delivery, which decrypts what the workflow's role has encrypted
   * in the name of this account's logs: that context is what it must name as well.
   */
  #letLogDeliveryUseIt(): void {
    const logs = Stack.of(this).formatArn({
      service: "logs",
      resource: "*",
      arnFormat: ArnFormat.NO_RESOURCE_NAME,
    });
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: "LogDeliveryOfThisAccount",
        principals: [new ServicePrincipal("delivery.logs.amazonaws.com")],
        actions: ["kms:Decrypt"],
        resources: ["*"],
        conditions: { StringLike: { "kms:EncryptionContext:SourceArn": logs } },
      }),
    );
  }

  /**
   * EventBridge leaves what it could not deliver in the encrypted queue in its own name. AWS's guides say of some of its targets that
   * aws:SourceAccount and aws:SourceArn are not supported in a key's policy, so this holds to what SQS itself always
   * sends: the queue.
   */
  #letRulesUseIt(): void {
    const queues = Stack.of(this).formatArn({ service: "sqs", resource: physicalName(this, "*") });
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: "RulesOfThisStack",
        principals: [new ServicePrincipal("events.amazonaws.com")],
        actions: ["kms:Decrypt", "kms:GenerateDataKey"],
        resources: ["*"],
        conditions: { ArnLike: { "kms:EncryptionContext:aws:sqs:arn": queues } },
      }),
    );
  }

  /** CloudWatch publishes to the encrypted alarm topic in its own name. */
  #letAlarmsUseIt(): void {
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: "AlarmsOfThisStack",
        principals: [new ServicePrincipal(ALARM_SERVICE)],
        actions: ["kms:Decrypt", "kms:GenerateDataKey"],
        resources: ["*"],
        conditions: alarmsOfThisStack(this),
      }),
    );
  }
}
