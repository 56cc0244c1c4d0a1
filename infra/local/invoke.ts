import { Command } from "commander";
import { FunctionError } from "../../engines/functions/call-errors.ts";
import type { Invoke } from "../../engines/functions/invoke-function.ts";
import { parseArguments, runCommand, say } from "../command/command-line.ts";
import { failure } from "../command/failure.ts";
import { type StackChoice, withStackOptions } from "../command/target.ts";
import { invokeBundle } from "./invoke/invoke-bundle.ts";
import { lacksKey, withKeyForOneCall } from "./invoke/key-for-one-call.ts";
import { checkFunctionName, readEvent, speaksOfSampleWorld, suitsAnyStack } from "./invoke/sample-events.ts";
import { makeSampleWorld } from "./invoke/sample-world.ts";
import { invokeOn } from "./stack/functions.ts";
import { findStack } from "./stack/registry.ts";
import { startStack } from "./stack/stack.ts";
import type { StackAddress } from "./stack/stack-file.ts";
import { playSampleAtOnce } from "./start/play-sample.ts";

/*
 * `npm run invoke -- FUNCTION [EVENT]`: runs one function on an event against the running stack and prints
 * its result. If no stack is running, it starts one in which the sample drive has been replayed as `demo`.
 * With `--bundle` it runs the function's bundle, in a process of its own, with the variables that the
 * definition names.
 */

const command = withStackOptions(new Command("npm run invoke --"))
  .description("Runs one function on a sample event and prints its result as JSON.")
  .argument("<FUNCTION>", "the name of its folder in functions/")
  .argument("[EVENT]", "a file with the event (default: the first in events/FUNCTION/)")
  .option("--bundle", "run it as packaged for AWS: one file, with a process and an environment of its own");

/** How the function is run on a stack. */
type Run = (address: StackAddress, ...call: Parameters<Invoke>) => Promise<unknown>;

const runInStack: Run = async (address, functionName, event) => {
  const { invoke, close } = invokeOn(address);
  try {
    const result = await invoke(functionName, event);
    if (!lacksKey(event) || (result as { statusCode?: number } | null)?.statusCode !== 401) return result;
    say("backtrack: the stack requires keys and the event has none; creating one for this call");
    return await withKeyForOneCall(address, event, (withKey) => invoke(functionName, withKey));
  } finally {
    close();
  }
};

const runBundled: Run = (address, functionName, event) => invokeBundle(functionName, event, address);

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
  "backtrack: this event names examples that exist only in a stack started for a single call; " +
  "without a running stack, and without EVENT beside one, `npm run invoke` starts such a stack";
const WOULD_CHANGE =
  "backtrack: this function's sample event changes data, or needs examples that the running stack lacks; starting a " +
  "stack for this call. Give an EVENT, or --url, to run it on the running one";

const main = async (): Promise<void> => {
  const parsed = parseArguments(command, process.argv.slice(2));
  const [functionName, path] = parsed.args;
  const { bundle, ...choice } = parsed.opts<{ bundle?: true } & StackChoice>();
  checkFunctionName(functionName);
  const event = readEvent(functionName, path);
  const run = bundle ? runBundled : runInStack;
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
