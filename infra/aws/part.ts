import { type CfnResource, NestedStack, type NestedStackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";

/**
 * A part of the stack that people deploy, with a template of its own, because CloudFormation takes 500
 * resources in one template. CloudFormation names it `<stack>-<id>-<suffix>`; with CDK's own id that, and
 * every name generated from it, would be three times as long.
 */
export abstract class Part extends NestedStack {
  constructor(scope: Construct, id: string, props: NestedStackProps) {
    super(scope, id, props);
    (this.nestedStackResource as CfnResource).overrideLogicalId(`${id}Stack`);
  }
}
