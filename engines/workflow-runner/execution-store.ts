import type { ReachedState } from "./machine.ts";

export type ExecutionStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";

/** All that is kept of an execution. */
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
  readonly reached?: ReachedState;
}

/** What a list tells of an execution: all but what may be large. */
export type ExecutionSummary = Pick<
  ExecutionRecord,
  "executionArn" | "stateMachineArn" | "name" | "status" | "startedMs" | "stoppedMs"
>;

export const summaryIn = ({
  executionArn,
  stateMachineArn,
  name,
  status,
  startedMs,
  stoppedMs,
}: ExecutionSummary): ExecutionSummary => ({
  executionArn,
  stateMachineArn,
  name,
  status,
  startedMs,
  ...(stoppedMs !== undefined && { stoppedMs }),
});

/**
 * Keeps executions for all processes that serve or run them. Every write is conditional: an execution that
 * has ended never changes again, and one that runs changes only under a fencing number (`token`) that is not
 * smaller than the largest one which it has seen.
 */
export interface ExecutionStore {
  /** Keeps a new execution under a token, 0 when nobody runs it yet; false when its name is taken. */
  create(record: ExecutionRecord, token: number): Promise<boolean>;
  get(executionArn: string): Promise<ExecutionRecord | undefined>;
  /** Every execution, consistent, in no order. */
  list(): Promise<readonly ExecutionSummary[]>;
  /**
   * From now on smaller tokens are refused. Undefined when it does not run, or a greater token has claimed
   * it.
   */
  claim(executionArn: string, token: number): Promise<ExecutionRecord | undefined>;
  /**
   * Saves where an execution is, or how it ended. False when it does not run, or a greater token has claimed
   * it.
   */
  save(record: ExecutionRecord, token: number): Promise<boolean>;
  /** Ends an execution from outside, whoever runs it; false when it does not run. */
  end(record: ExecutionRecord): Promise<boolean>;
  remove(executionArn: string): Promise<void>;

  /** Tells whoever runs executions that this one was started or ended by another process. */
  announce(executionArn: string): Promise<void>;
  /** Takes all announcements, each of which is told once. */
  takeAnnounced(): Promise<readonly string[]>;
}
