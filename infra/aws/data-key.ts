import { ArnFormat, RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import type { Settings } from "./settings.ts";

/** The customer's own key for what the stack keeps. Functions get it piece by piece, with the grant that needs it. */
export class DataKey extends Construct {
  readonly key: Key;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    this.key = new Key(this, "Key", {
      description: `Backtrack ${settings.stage}: positions at rest`,
      enableKeyRotation: true,
      // What the key has locked is lost with it.
      removalPolicy: settings.isProduction ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    this.#letLogsUseIt();
    this.#letAlarmsUseIt();
    this.#letRulesUseIt();
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

  /** EventBridge leaves what it could not deliver in the encrypted queue in its own name. */
  #letRulesUseIt(): void {
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: "RulesOfThisAccount",
        principals: [new ServicePrincipal("events.amazonaws.com")],
        actions: ["kms:Decrypt", "kms:GenerateDataKey"],
        resources: ["*"],
        conditions: { StringEquals: { "aws:SourceAccount": Stack.of(this).account } },
      }),
    );
  }

  /** CloudWatch publishes to the encrypted alarm topic in its own name. */
  #letAlarmsUseIt(): void {
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: "AlarmsOfThisAccount",
        principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
        actions: ["kms:Decrypt", "kms:GenerateDataKey"],
        resources: ["*"],
        conditions: { StringEquals: { "aws:SourceAccount": Stack.of(this).account } },
      }),
    );
  }
}
