import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { MANIFEST } from "../../../functions/manifest.ts";
import { REGION } from "../../../hosts/lambda-events/stand-ins.ts";
import { ACCESS_VARIABLE, type FunctionDefinition } from "../../../lib/runtime/definition.ts";
import { bundleFunctions } from "../../bundle.ts";
import { say } from "../../command/command-line.ts";
import { failure } from "../../command/failure.ts";
import { environmentOf } from "../../engine/names.ts";
import { localAwsEnvironment } from "../stack/function-environment.ts";
import type { StackAddress } from "../stack/stack-file.ts";
import { lacksKey, withKeyForOneCall } from "./key-for-one-call.ts";
import { runBundle } from "./run-bundle.ts";

/** Everything that a function finds in its environment on AWS, with the local stack's names and addresses. */
export const bundleEnvironment = (
  definition: FunctionDefinition,
  address: StackAddress,
): Record<string, string> => ({
  AWS_DEFAULT_REGION: REGION,
  AWS_LAMBDA_FUNCTION_NAME: definition.name,
  AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMegabytes),
  _HANDLER: "index.handler",
  TZ: ":UTC",
  NODE_OPTIONS: "--enable-source-maps",
  POWERTOOLS_LOG_LEVEL: "INFO",
  POWERTOOLS_SERVICE_NAME: "backtrack-local",
  ...localAwsEnvironment(address),
  ...environmentOf(definition, {
    access: "keys",
    buckets: { recordings: pathToFileURL(address.inboxFolder).href },
  }),
});

/**
 * Runs a function against the local stack as it is packaged for deployment: its bundle, in a new process,
 * with the variables that its definition names and no others. A bundle that does not start, or that reads a
 * variable missing from the definition, shows up here. Raises a CommandFailure when it can't start,
 * FunctionError when it fails.
 */
export const invokeBundle = async (
  functionName: string,
  event: unknown,
  address: StackAddress,
): Promise<unknown> => {
  const definition = MANIFEST.find(({ name }) => name === functionName);
  if (!definition) throw failure(`there is no function ${functionName}`);
  const outdir = mkdtempSync(join(tmpdir(), "backtrack-bundle-"));
  try {
    const { functions } = await bundleFunctions({ outdir, names: [functionName] });
    const environment = bundleEnvironment(definition, address);
    const bundle = { definition, folder: dirname(functions[0].file) };
    const call = (withEvent: unknown) => runBundle(bundle, environment, withEvent);
    if (environment[ACCESS_VARIABLE] !== "keys" || !lacksKey(event)) return await call(event);
    say("backtrack: the bundle requires keys, as on AWS, and the event has none; creating one for this call");
    return await withKeyForOneCall(address, event, call);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
};
