import { Command } from "commander";
import { parseArguments, runCommand, say } from "./command-line.ts";
import { checkFunctionName, readEvent } from "./invoke/sample-events.ts";
import { makeSampleWorld } from "./invoke/sample-world.ts";
import { FunctionError } from "./invoke-function.ts";
import { failure } from "./stack/failure.ts";
import { invokeOn } from "./stack/functions.ts";
import { findStack } from "./stack/registry.ts";
import { startStack } from "./stack/stack.ts";
import type { StackAddress } from "./stack/stack-file.ts";
import { playSampleAtOnce } from "./start/play-sample.ts";

/*
 * `npm run invoke -- FUNCTION [EVENT]`: runs one function on an event against the running stack and prints its result; when none
 * runs, against a stack of its own in which the sample drive has been replayed as `demo`.
 */

const command = new Command("npm run invoke --")
  .description("Runs one function on a sample event and prints its result as JSON.")
  .argument("<FUNCTION>", "the name of its folder in functions/")
  .argument("[EVENT]", "a file with the event (default: the first in events/FUNCTION/)");

const invokeAndPrint = async (address: StackAddress, functionName: string, event: unknown): Promise<void> => {
  const { invoke, close } = invokeOn(address.lambdaEndpoint);
  try {
    process.stdout.write(`${JSON.stringify(await invoke(functionName, event), null, 2)}\n`);
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    throw failure(`${functionName} failed with ${error.name}: ${error.message}`, error);
  } finally {
    close();
  }
};

const invokeOnOwnStack = async (functionName: string, event: unknown): Promise<void> => {
  say("backtrack: no stack is running; starting one for this call");
  const stack = await startStack();
  try {
    await playSampleAtOnce(stack.address);
    await makeSampleWorld(stack.address);
    await invokeAndPrint(stack.address, functionName, event);
  } finally {
    await stack.stop();
  }
};

const main = async (): Promise<void> => {
  const [functionName, path] = parseArguments(command, process.argv.slice(2)).args;
  checkFunctionName(functionName);
  const event = readEvent(functionName, path);
  const running = await findStack();
  await (running ? invokeAndPrint(running, functionName, event) : invokeOnOwnStack(functionName, event));
  process.exit(0);
};

await runCommand(main);
