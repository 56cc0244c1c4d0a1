import type { Alarm } from "aws-cdk-lib/aws-cloudwatch";
import { LambdaApplication, LambdaDeploymentConfig, LambdaDeploymentGroup } from "aws-cdk-lib/aws-codedeploy";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import type { BacktrackFunction } from "./function.ts";

export interface CanaryProps {
  readonly functions: readonly BacktrackFunction[];
  /** A function's alarm on its failures, by which its new version is taken back. */
  readonly failureAlarmOf: (fn: BacktrackFunction) => Alarm;
}

/** A new version of a function gets a tenth of its calls for five minutes, then all; or none again, when its alarm goes off. */
export class Canary extends Construct {
  constructor(scope: Construct, id: string, { functions, failureAlarmOf }: CanaryProps) {
    super(scope, id);
    const application = new LambdaApplication(this, "Application");
    const role = new Role(this, "Role", {
      description: "Backtrack: moves aliases to new versions",
      assumedBy: new ServicePrincipal("codedeploy.amazonaws.com"),
    });
    for (const fn of functions) {
      if (!fn.alias) continue;
      new LambdaDeploymentGroup(this, fn.node.id, {
        application,
        alias: fn.alias,
        deploymentConfig: LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
        alarms: [failureAlarmOf(fn)],
        role,
      });
    }
  }
}
