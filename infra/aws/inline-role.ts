import {
  type AddToPrincipalPolicyResult,
  PolicyDocument,
  type PolicyStatement,
  Role,
  type RoleProps,
} from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";

/** A role whose one policy is a part of it: CDK makes two resources of them, and a stack has room for 500. */
export class InlineRole extends Role {
  readonly #policy: PolicyDocument;

  constructor(scope: Construct, id: string, props: RoleProps) {
    const policy = new PolicyDocument();
    super(scope, id, { ...props, inlinePolicies: { Grants: policy } });
    this.#policy = policy;
  }

  override addToPrincipalPolicy(statement: PolicyStatement): AddToPrincipalPolicyResult {
    this.#policy.addStatements(statement);
    return { statementAdded: true, policyDependable: this };
  }
}
