import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FunctionError } from "../../../engines/functions/call-errors.ts";
import type { FunctionDefinition } from "../../../lib/runtime/definition.ts";
import { failure } from "../../command/failure.ts";
import type { BundleCall, BundleOutcome } from "./bundle-process.ts";

const MODULE = fileURLToPath(new URL("./bundle-process.ts", import.meta.url));

export interface Bundle {
  readonly definition: FunctionDefinition;
  /** Holds `index.js`, which exports `handler`; nothing else of the project can be imported from there. */
  readonly folder: string;
}

/**
 * Runs a function's bundle once, in a process of its own with exactly this environment. What it prints goes
 * to standard error. Raises a CommandFailure when it does not start, FunctionError when it fails.
 */
export const runBundle = async (
  { definition, folder }: Bundle,
  environment: Readonly<Record<string, string>>,
  event: unknown,
): Promise<unknown> => {
  const { name, memoryMegabytes, timeoutSeconds } = definition;
  const call = {
    file: join(folder, "index.js"),
    handler: "handler",
    functionName: name,
    memoryMegabytes,
    timeoutSeconds,
    event,
  };
  const outcome = await callOnce(call, environment);
  if (outcome.kind === "answered") return outcome.result;
  const { error } = outcome;
  if (outcome.kind === "failed") throw new FunctionError(error.name, error.message);
  throw failure(`${name} would not start: ${error.name}: ${error.message}`);
};

const callOnce = async (
  call: BundleCall,
  environment: Readonly<Record<string, string>>,
): Promise<BundleOutcome> => {
  // Without the parent's --import: a bundle must not need anything else.
  const child = fork(MODULE, [], {
    env: environment,
    execArgv: [],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  child.stdout?.on("data", (chunk: Buffer) => process.stderr.write(chunk));
  child.stderr?.on("data", (chunk: Buffer) => process.stderr.write(chunk));
  let outcome: BundleOutcome | undefined;
  child.once("message", (message) => {
    outcome = message as BundleOutcome;
  });
  let isLate = false;
  const deadline = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, call.timeoutSeconds * 1_000);
  try {
    const closed = once(child, "close");
    child.send(call);
    const [code, signal] = await closed;
    if (outcome) return outcome;
    throw isLate
      ? new FunctionError(
          "Sandbox.Timedout",
          `Task timed out after ${call.timeoutSeconds.toFixed(2)} seconds`,
        )
      : new FunctionError("Runtime.ExitError", `the process ended without an answer (${signal ?? code})`);
  } finally {
    clearTimeout(deadline);
  }
};
