import { REGION } from "../../../hosts/lambda-events/stand-ins.ts";
import { ACCESS_VARIABLE } from "../../../lib/runtime/definition.ts";
import { say } from "../command-line.ts";
import { failure } from "../stack/failure.ts";
import { localAwsEnvironment } from "../stack/function-environment.ts";
import type { StackAddress } from "../stack/stack-file.ts";
import { lacksKey, withKeyForOneCall } from "./key-for-one-call.ts";
import { localCounterparts } from "./local-counterparts.ts";
import { UnresolvableError, valueResolver } from "./resolve-value.ts";
import { runBundle } from "./run-bundle.ts";
import { type DeployedFunction, deployedFunction, type Template } from "./template.ts";

/**
 * The variables that the template gives a function, each reference to a resource as the local stack's counterpart of it.
 * Raises a CommandFailure that names the variable which refers to something else.
 */
export const variablesFrom = (
  template: Template,
  { name, variables }: DeployedFunction,
  { inboxFolder }: Pick<StackAddress, "inboxFolder">,
): Record<string, string> => {
  const resolve = valueResolver(template, localCounterparts(inboxFolder));
  const inLocalStack = ([variable, value]: [string, unknown]): [string, string] => {
    try {
      return [variable, resolve(value)];
    } catch (error) {
      if (!(error instanceof UnresolvableError)) throw error;
      throw failure(`${name}: ${variable} refers to ${error.message}`, error);
    }
  };
  return Object.fromEntries(Object.entries(variables).map(inLocalStack));
};

/** What Lambda itself adds to every function's environment. */
const lambdaEnvironment = ({ physicalName, memoryMegabytes, handler }: DeployedFunction) => ({
  AWS_DEFAULT_REGION: REGION,
  AWS_LAMBDA_FUNCTION_NAME: physicalName,
  AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMegabytes),
  _HANDLER: handler,
  TZ: ":UTC",
});

/**
 * Runs a function against the local stack as the template would deploy it: its bundle, in a new process, with the template's
 * variables. Raises a CommandFailure when it can't start like that, FunctionError when it fails.
 */
export const invokeDeployed = async (
  template: Template,
  functionName: string,
  event: unknown,
  address: StackAddress,
): Promise<unknown> => {
  const deployed = deployedFunction(template, functionName);
  const variables = variablesFrom(template, deployed, address);
  const environment = { ...lambdaEnvironment(deployed), ...localAwsEnvironment(address), ...variables };
  const call = (withEvent: unknown) => runBundle(deployed, environment, withEvent);
  if (variables[ACCESS_VARIABLE] !== "keys" || !lacksKey(event)) return call(event);
  say("backtrack: the template asks for keys and the event has none; making one for this call");
  return withKeyForOneCall(address, event, call);
};
