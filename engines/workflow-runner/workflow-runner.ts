import type { Clock } from "../../lib/core/clock.ts";
import {
  aloneInProcess,
  oneAtATime,
  type Sharing,
  type Standing,
  standingOf,
} from "../lease/one-at-a-time.ts";
import type { ExecutionStore } from "./execution-store.ts";
import { Executions } from "./executions.ts";
import { memoryExecutionStore } from "./memory-execution-store.ts";
import { Runner } from "./runner.ts";
import { StateMachines, type StateMachinesOptions } from "./state-machines.ts";

/*
 * Runs workflows: ASL in JSONPath, with the interpreter of aws-local-stepfunctions. Executions are in a store
 * that several processes may share. All of them start, describe and stop executions; one at a time runs them,
 * by a lease. When that one is killed, another goes on within seconds, each execution in the state it was in,
 * whose work is done again (at least once, as everywhere here); a Wait waits only for what is left of it.
 * Retries are counted anew.
 */

export interface WorkflowRunnerOptions extends StateMachinesOptions {
  readonly clock: Clock;
  /** Without one, executions end with the process. */
  readonly store?: ExecutionStore;
  /** With the other processes that use the store; without it there is none. */
  readonly sharing?: Sharing;
  /** How long Tasks in flight may take to end after `close`; none by default. */
  readonly graceMilliseconds?: number;
  /** How many finished executions are remembered; 1,000 by default. */
  readonly maximumFinished?: number;
  /** Told of what goes wrong with the store and the lease. */
  readonly onError?: (message: string, error: unknown) => void;
}

export interface WorkflowRunner {
  readonly machines: StateMachines;
  readonly executions: Executions;
  /** Whether this process is the one that runs executions. */
  standing(): Standing;
  /**
   * Begins no further work, and cuts what is in flight when its grace is over. What runs stays RUNNING in the
   * store, and another process goes on with it.
   */
  close(): Promise<void>;
}

/** Raises an error that names the workflow which can't be run here. */
export const startWorkflowRunner = (options: WorkflowRunnerOptions): WorkflowRunner => {
  const { clock, sleep, maximumFinished = 1_000, onError = () => {}, sharing = aloneInProcess() } = options;
  const { store = memoryExecutionStore(), graceMilliseconds = 0 } = options;
  const { isAlone = false } = sharing;
  const machines = new StateMachines(options);
  let runner: Runner | undefined;
  const lease = oneAtATime(sharing, "workflow-runner", { sleep, onError }, (held) => {
    const machineOf = (arn: string) => machines.find(arn);
    const limits = { maximumFinished, graceMilliseconds };
    runner = new Runner(held, { clock, sleep, store, machineOf, isAlone, ...limits, onError });
    return runner.run();
  });
  return {
    machines,
    executions: new Executions({ clock, store, runner: () => runner }),
    standing: () => standingOf(lease),
    close: () => lease.close(),
  };
};

/** What serves the API without running anything: what it is asked is announced to whoever does. */
export const executionsOnly = (
  options: WorkflowRunnerOptions,
): Pick<WorkflowRunner, "machines" | "executions"> => {
  const { clock, store = memoryExecutionStore() } = options;
  return {
    machines: new StateMachines(options),
    executions: new Executions({ clock, store, runner: () => undefined }),
  };
};
