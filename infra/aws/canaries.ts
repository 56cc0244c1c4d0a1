import type { Alarm } from "aws-cdk-lib/aws-cloudwatch";
import { LambdaApplication, LambdaDeploymentConfig, LambdaDeploymentGroup } from "aws-cdk-lib/aws-codedeploy";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import type { BacktrackFunction } from "./function.ts";

/**
 * A new version of a function gets a tenth of its calls for five minutes, then all; or none, if its alarm
 * goes off.
 */
export class Canaries extends Construct {
  #deployments?: { readonly application: LambdaApplication; readonly role: Role };

  /** Does so for the function if it has an alias; `failures` rolls its new version back. */
  add({ node, alias }: BacktrackFunction, failures: Alarm): void {
    if (!alias) return;
    this.#deployments ??= {
      application: new LambdaApplication(this, "Application"),
      role: new Role(this, "Role", {
        description: "Backtrack: moves aliases to new versions",
        assumedBy: new ServicePrincipal("codedeploy.amazonaws.com"),
      }),
    };
    new LambdaDeploymentGroup(this, node.id, {
      ...this.#deployments,
      alias,
      deploymentConfig: LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
      alarms: [failures],
    });
  }
}
