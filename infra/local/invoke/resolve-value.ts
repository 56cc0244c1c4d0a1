import { ACCOUNT, REGION } from "../../../hosts/lambda-events/stand-ins.ts";
import type { Counterpart } from "./local-counterparts.ts";
import type { Template, TemplateResource } from "./template.ts";

/** A value of the template that means nothing in the local stack; the message says which part of it and why. */
export class UnresolvableError extends Error {
  override readonly name = "UnresolvableError";
}

const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  "AWS::Partition": "aws",
  "AWS::Region": REGION,
  "AWS::AccountId": ACCOUNT,
  "AWS::URLSuffix": "amazonaws.com",
};

const STATE_MACHINE = /^arn:aws:states:[^:]+:[^:]+:stateMachine:(?<name>[^:]+)$/;

/**
 * Makes of a template's value what CloudFormation would, with the local stack's names and ARNs for those of an account.
 * Raises UnresolvableError.
 */
export const valueResolver = (
  { resources }: Template,
  counterpartOf: (logicalId: string, resource: TemplateResource) => Counterpart | undefined,
): ((value: unknown) => string) => {
  const attribute = (logicalId: string, name: string): string => {
    const resource = resources[logicalId];
    if (!resource) throw new UnresolvableError(`${logicalId}, which the template does not have`);
    const value = counterpartOf(logicalId, resource)?.[name];
    if (value !== undefined) return value;
    const what = name === "Ref" ? "" : `${name} of `;
    throw new UnresolvableError(
      `${what}${logicalId} (${resource.Type}), which the local stack does not have`,
    );
  };

  const reference = (name: string): string => {
    if (!name.startsWith("AWS::")) return attribute(name, "Ref");
    const value = PSEUDO_PARAMETERS[name];
    if (value === undefined) throw new UnresolvableError(`${name}, which the local stack does not have`);
    return value;
  };

  const substitute = (pattern: string, values: Readonly<Record<string, unknown>> = {}): string =>
    pattern.replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      if (name in values) return resolved(values[name]);
      const [logicalId = name, ...rest] = name.split(".");
      return rest.length > 0 ? attribute(logicalId, rest.join(".")) : reference(name);
    });

  const resolved = (value: unknown): string => {
    if (typeof value === "string") return value;
    const [[intrinsic = "", argument] = [], ...others] = Object.entries(value ?? {});
    if (others.length === 0) {
      if (intrinsic === "Ref" && typeof argument === "string") return reference(argument);
      if (intrinsic === "Fn::GetAtt" && Array.isArray(argument)) {
        return attribute(String(argument[0]), String(argument[1]));
      }
      if (intrinsic === "Fn::Join" && Array.isArray(argument?.[1])) {
        return argument[1].map(resolved).join(String(argument[0]));
      }
      if (intrinsic === "Fn::Sub") {
        return typeof argument === "string" ? substitute(argument) : substitute(argument[0], argument[1]);
      }
    }
    throw new UnresolvableError(`${JSON.stringify(value)}, which only CloudFormation can work out`);
  };

  /** An ARN put together from a name, which is how a workflow is named to a function that the workflow itself calls. */
  const localArn = (text: string): string => {
    const name = STATE_MACHINE.exec(text)?.groups?.name;
    if (name === undefined) return text;
    const found = Object.entries(resources).find(
      ([, { Type, Properties }]) =>
        Type === "AWS::StepFunctions::StateMachine" && Properties?.StateMachineName === name,
    );
    if (!found) throw new UnresolvableError(`state machine ${name}, which the template does not have`);
    return attribute(found[0], "Ref");
  };

  return (value) => (typeof value === "string" ? value : localArn(resolved(value)));
};
