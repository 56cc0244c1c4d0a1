import { ArnFormat, RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import { ALARM_SERVICE, alarmsOfThisStack, physicalName } from "./names.ts";
import type { Settings } from "./settings.ts";

/**
 * The customer's own key for what the stack stores. Functions are allowed to use it grant by grant, as
 * needed.
 */
export class DataKey extends Construct {
  readonly key: Key;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    this.key = new Key(this, "Key", {
      description: `Backtrack ${settings.stage}: positions at rest`,
      enableKeyRotation: true,
      // It outlives the stack in every stage, because buckets do: as soon as a key is scheduled for deletion,
      // nothing that it encrypts can be read.
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
   * The logs of encrypted workflows pass through log delivery, which decrypts what the workflow's role has
   * encrypted on behalf of this account's logs: it must name the same context.
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
   * EventBridge itself puts what it could not deliver into the encrypted queue. AWS's guides say of some of
   * its targets that aws:SourceAccount and aws:SourceArn are not supported in a key's policy, so this relies
   * on what SQS itself always sends: the queue.
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

  /** CloudWatch itself publishes to the encrypted alarm topic. */
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
