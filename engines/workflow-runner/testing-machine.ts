import { vi } from "vitest";
import type { Sleep } from "../../lib/core/clock.ts";
import type { Invoke } from "../functions/invoke-function.ts";
import { Machine, type ReachedState, type Run } from "./machine.ts";
import { arnOf } from "./testing.ts";

/* What the tests of Machine share. */

/** A Task of one function. */
export const task = (functionName: string, more: object = {}) => ({
  Type: "Task",
  Resource: arnOf(functionName),
  End: true,
  ...more,
});

/** By the timers that `withoutWaiting` lets pass. */
const sleep: Sleep = (milliseconds, signal) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort, { once: true });
  });

/** Of the event loop: what the interpreter needs to get on until it waits. */
const TURNS = 5;

/**
 * Does work whose timers, the interpreter's too, are over as soon as nobody has anything else to do. `Date`
 * goes with them.
 */
export const withoutWaiting = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  try {
    let isDone = false;
    const working = work().finally(() => {
      isDone = true;
    });
    working.catch(() => {});
    for (;;) {
      for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
      if (isDone) return await working;
      await vi.advanceTimersToNextTimerAsync();
    }
  } finally {
    vi.useRealTimers();
  }
};

/**
 * Runs a machine, in no time: how it ended, after how many milliseconds, and the states of the top level that
 * it entered.
 */
export const run = (definition: object, invoke: Invoke, input: unknown = {}, options: Partial<Run> = {}) =>
  withoutWaiting(async () => {
    const reached: ReachedState[] = [];
    const startedMs = Date.now();
    const machine = new Machine(JSON.stringify(definition), { invoke, clock: Date.now, sleep });
    const result = await machine.run({
      input,
      startedMs,
      context: {
        Execution: { Id: "arn:execution", Name: "e1", RoleArn: "arn:role" },
        StateMachine: { Id: "arn:machine", Name: "m1" },
      },
      signal: new AbortController().signal,
      onReached: (state) => reached.push(state),
      beforeWork: async () => {},
      ...options,
    });
    return { result, reached, tookMs: Date.now() - startedMs };
  });
