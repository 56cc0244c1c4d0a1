import { sleep } from "../../lib/adapters/sleep.ts";
import type { Invoke } from "../functions/invoke-function.ts";
import { Machine, type Position, type Run } from "./machine.ts";
import { arnOf } from "./testing.ts";

/* What the tests of Machine share. */

/** A Task of one function. */
export const task = (functionName: string, more: object = {}) => ({
  Type: "Task",
  Resource: arnOf(functionName),
  End: true,
  ...more,
});

/** Runs a machine: how it ended, and the states of the top level that it entered. */
export const run = async (
  definition: object,
  invoke: Invoke,
  input: unknown = {},
  more: Partial<Run> & { clock?: () => number } = {},
) => {
  const { clock = Date.now, ...options } = more;
  const positions: Position[] = [];
  const result = await new Machine(JSON.stringify(definition), { invoke, clock, sleep }).run({
    input,
    startedMs: clock(),
    context: {
      Execution: { Id: "arn:execution", Name: "e1", RoleArn: "arn:role" },
      StateMachine: { Id: "arn:machine", Name: "m1" },
    },
    signal: new AbortController().signal,
    onPosition: (position) => positions.push(position),
    ...options,
  });
  return { result, positions };
};
