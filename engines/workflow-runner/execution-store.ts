import type { Position } from "./machine.ts";

export type ExecutionStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";

/** All that is kept of an execution across restarts. */
export interface ExecutionRecord {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: ExecutionStatus;
  readonly startedMs: number;
  readonly stoppedMs?: number;
  /** As JSON text, just as it was given. */
  readonly input: string;
  /** As JSON text, of one that succeeded. */
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  /** Of one that runs: where it is, once it has entered a state. */
  readonly position?: Position;
}

/** Keeps executions, so that a process which starts again goes on with those that were running. One process uses it at a time. */
export interface ExecutionStore {
  load(): Promise<readonly ExecutionRecord[]>;
  save(record: ExecutionRecord): Promise<void>;
  remove(executionArn: string): Promise<void>;
}

/** Keeps nothing. */
export const forgetfulExecutionStore: ExecutionStore = {
  load: async () => [],
  save: async () => {},
  remove: async () => {},
};
