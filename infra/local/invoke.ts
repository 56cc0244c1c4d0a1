import { Command } from "commander";
import { FunctionError, type Invoke } from "../../engines/functions/invoke-function.ts";
import { parseArguments, runCommand, say } from "./command-line.ts";
import { invokeDeployed } from "./invoke/invoke-deployed.ts";
import { lacksKey, withKeyForOneCall } from "./invoke/key-for-one-call.ts";
import { checkFunctionName, readEvent, speaksOfSampleWorld, suitsAnyStack } from "./invoke/sample-events.ts";
import { makeSampleWorld } from "./invoke/sample-world.ts";
import { DEFAULT_TEMPLATE, deployedFunction, readTemplate } from "./invoke/template.ts";
import { withTemplateFile } from "./invoke/template-option.ts";
import { failure } from "./stack/failure.ts";
import { invokeOn } from "./stack/functions.ts";
import { findStack, type StackChoice, withStackOptions } from "./stack/registry.ts";
import { startStack } from "./stack/stack.ts";
import type { StackAddress } from "./stack/stack-file.ts";
import { playSampleAtOnce } from "./start/play-sample.ts";

/*
 * `npm run invoke -- FUNCTION [EVENT]`: runs one function on an event against the running stack and prints its result; when none
 * runs, against a stack of its own in which the sample drive has been replayed as `demo`. With `--template` it is the bundle
 * that runs, with the variables that it would be deployed with.
 */

const command = withStackOptions(new Command("npm run invoke --"))
  .description("Runs one function on a sample event and prints its result as JSON.")
  .argument("<FUNCTION>", "the name of its folder in functions/")
  .argument("[EVENT]", "a file with the event (default: the first in events/FUNCTION/)")
  .option(
    "--template [file]",
    "run it as it would be deployed: its bundle, with the variables of this *.template.json that `npm run synth` makes " +
      `(default: ${DEFAULT_TEMPLATE})`,
  );

/** How the function is run on a stack. */
type Run = (address: StackAddress, ...call: Parameters<Invoke>) => Promise<unknown>;

const runInStack: Run = async (address, functionName, event) => {
  const { invoke, close } = invokeOn(address);
  try {
    const result = await invoke(functionName, event);
    if (!lacksKey(event) || (result as { statusCode?: number } | null)?.statusCode !== 401) return result;
    say("backtrack: the stack asks for keys and the event has none; making one for this call");
    return await withKeyForOneCall(address, event, (withKey) => invoke(functionName, withKey));
  } finally {
    close();
  }
};

/** Raises a CommandFailure at once when the template is of no use. */
const runAsDeployedBy = (file: string, functionName: string): Run => {
  const template = readTemplate(file);
  deployedFunction(template, functionName);
  return (address, name, event) => invokeDeployed(template, name, event, address);
};

const invokeAndPrint = async (
  run: Run,
  address: StackAddress,
  functionName: string,
  event: unknown,
): Promise<void> => {
  try {
    process.stdout.write(`${JSON.stringify(await run(address, functionName, event), null, 2)}\n`);
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    throw failure(`${functionName} failed with ${error.name}: ${error.message}`, error);
  }
};

const invokeOnOwnStack = async (run: Run, functionName: string, event: unknown): Promise<void> => {
  const stack = await startStack();
  try {
    await playSampleAtOnce(stack.address);
    await makeSampleWorld(stack.address);
    await invokeAndPrint(run, stack.address, functionName, event);
  } finally {
    await stack.stop();
  }
};

const NEEDS_SAMPLE_WORLD =
  "backtrack: this event speaks of the examples that a stack has which is started for one call alone; " +
  "without a running stack, and without EVENT beside one, `npm run invoke` starts such a stack";
const WOULD_CHANGE =
  "backtrack: this function's sample event changes things, or needs examples that the running stack does not have; starting a " +
  "stack for this call. Give an EVENT, or --url, to run it on the running one";

const main = async (): Promise<void> => {
  const parsed = parseArguments(command, withTemplateFile(process.argv.slice(2)));
  const [functionName, path] = parsed.args;
  const { template, ...choice } = parsed.opts<{ template?: string } & StackChoice>();
  checkFunctionName(functionName);
  const event = readEvent(functionName, path);
  const run = template === undefined ? runInStack : runAsDeployedBy(template, functionName);
  const running = await findStack(choice);
  const isChosen = path !== undefined || choice.url !== undefined || choice.data !== undefined;
  if (running && (isChosen || suitsAnyStack(event))) {
    await invokeAndPrint(run, running, functionName, event);
    if (speaksOfSampleWorld(event)) say(NEEDS_SAMPLE_WORLD);
  } else {
    say(running ? WOULD_CHANGE : "backtrack: no stack is running; starting one for this call");
    await invokeOnOwnStack(run, functionName, event);
  }
  process.exit(0);
};

await runCommand(main);
