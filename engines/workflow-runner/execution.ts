import type { Clock, Sleep } from "../../lib/core/clock.ts";
import type { Lease } from "../lease/held-lease.ts";
import type { ExecutionRecord, ExecutionStore } from "./execution-store.ts";
import type { Machine, RunResult, WorkKind } from "./machine.ts";

const ROLE_ARN = "arn:aws:iam::000000000000:role/local";
const SAVE_AGAIN_MILLISECONDS = 500;

export interface ExecutionPorts {
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly store: ExecutionStore;
  /** Under which this process runs executions. */
  readonly lease: Pick<Lease, "token" | "isHeld">;
  readonly onError: (message: string, error: unknown) => void;
}

/**
 * One execution that this process runs. No state is worked on before the store has taken down, under the
 * lease's token, that the execution is there, and only while the lease is held: so a process that was paused,
 * and whose work another one has, begins nothing.
 */
export class Execution {
  readonly #machine: Machine;
  readonly #ports: ExecutionPorts;
  readonly #left = new AbortController();
  #record: ExecutionRecord;
  /** What the store has. */
  #saved: ExecutionRecord;
  #saving: Promise<void> | undefined;
  #calls = 0;
  #waits = 0;
  #isLeaving = false;

  constructor(record: ExecutionRecord, machine: Machine, ports: ExecutionPorts) {
    this.#machine = machine;
    this.#record = record;
    this.#saved = record;
    this.#ports = ports;
  }

  /** Resolves with how it ended, or with undefined when it was left before that. Never rejects. */
  async run(): Promise<ExecutionRecord | undefined> {
    const { executionArn, input, name, reached, startedMs, stateMachineArn } = this.#record;
    const running = this.#machine.run({
      input: JSON.parse(input),
      startedMs,
      context: {
        Execution: { Id: executionArn, Name: name, RoleArn: ROLE_ARN },
        StateMachine: {
          Id: stateMachineArn,
          Name: stateMachineArn.slice(stateMachineArn.lastIndexOf(":") + 1),
        },
      },
      from: reached,
      signal: this.#left.signal,
      onReached: (state) => {
        this.#record = { ...this.#record, reached: state };
        // Not for whoever works on the state alone: a Choice is passed without any work.
        this.#save().catch(() => {});
      },
      beforeWork: (kind) => this.#beforeWork(kind),
      afterWork: (kind) => {
        if (kind === "call") this.#calls--;
        else this.#waits--;
      },
    });
    // A mistake of ours must not leave an execution running for ever.
    const result = await running.catch(
      (error): RunResult => ({ status: "FAILED", error: "States.Runtime", cause: String(error) }),
    );
    if (result.status !== "ABORTED") {
      this.#record = endedRecord(this.#record, result, this.#ports.clock());
      await this.#save().catch(() => {});
    }
    return this.#left.signal.aborted ? undefined : this.#record;
  }

  /** Cuts the work, and leaves the record as it is. */
  leave(reason: string): void {
    this.#left.abort(new Error(reason));
  }

  /**
   * Leaves as soon as no call is in flight and what the last one returned is saved: at the next Task or Wait.
   * A Wait is left at once.
   */
  leaveAfterCall(): void {
    this.#isLeaving = true;
    if (this.#waits > 0 && this.#calls === 0) this.leave("another process goes on with it");
  }

  async #beforeWork(kind: WorkKind): Promise<void> {
    await this.#save();
    if (!this.#ports.lease.isHeld()) this.leave("the lease is gone");
    // Beside a call in another branch nothing can be left: the whole state is done again.
    if (this.#isLeaving && this.#calls === 0) this.leave("another process goes on with it");
    this.#left.signal.throwIfAborted();
    if (kind === "call") this.#calls++;
    else this.#waits++;
  }

  /** Resolves when the store has what is known now; rejects when the execution was left before that. */
  #save(): Promise<void> {
    this.#saving ??= this.#saveNewest().finally(() => {
      this.#saving = undefined;
    });
    return this.#saving;
  }

  async #saveNewest(): Promise<void> {
    const { lease, onError, sleep, store } = this.#ports;
    const { signal } = this.#left;
    while (this.#saved !== this.#record) {
      signal.throwIfAborted();
      const record = this.#record;
      try {
        if (await store.save(record, lease.token)) this.#saved = record;
        else this.leave("it has ended, or another process runs it");
      } catch (error) {
        onError(`saving ${record.executionArn} failed`, error);
        await sleep(SAVE_AGAIN_MILLISECONDS, signal);
      }
    }
    signal.throwIfAborted();
  }
}

type EndResult = Exclude<RunResult, { status: "ABORTED" }> | (StopReason & { readonly status: "ABORTED" });
export interface StopReason {
  readonly error?: string;
  readonly cause?: string;
}

/** The record of an execution that ended so. */
export const endedRecord = (
  { reached: _, ...record }: ExecutionRecord,
  result: EndResult,
  stoppedMs: number,
): ExecutionRecord => ({
  ...record,
  status: result.status,
  stoppedMs,
  ...(result.status === "SUCCEEDED" ? { output: JSON.stringify(result.output) } : {}),
  ...(result.status === "FAILED" || result.status === "ABORTED"
    ? { error: result.error, cause: result.cause }
    : {}),
  ...(result.status === "TIMED_OUT" ? { error: "States.Timeout" } : {}),
});
