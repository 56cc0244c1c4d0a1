import { resolve } from "node:path";
import { failure } from "./failure.ts";
import { readStackFile, type StackAddress } from "./stack-file.ts";

/**
 * The file by which `npm run tail`, `invoke`, `keys` and `redrive` find the stack that runs: of several the one that was
 * started first. BACKTRACK_STACK_FILE names another file, for stacks that are to be apart.
 */
export const registryPath = (): string =>
  process.env.BACKTRACK_STACK_FILE ?? resolve(import.meta.dirname, "../../../.backtrack/stack.json");

/** The stack that runs, if one does and is ready. */
export const findStack = async (): Promise<StackAddress | undefined> =>
  (await readStackFile(registryPath()))?.address;

/** The stack that runs; a CommandFailure says how to start one. */
export const requireStack = async (): Promise<StackAddress> => {
  const address = await findStack();
  if (!address) throw failure("no stack is running here; start one with `npm start` and leave it running");
  return address;
};
