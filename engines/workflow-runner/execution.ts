import type { Clock } from "../../lib/core/clock.ts";
import type { ExecutionRecord, ExecutionStore } from "./execution-store.ts";
import type { Machine, RunResult } from "./machine.ts";

const ROLE_ARN = "arn:aws:iam::000000000000:role/local";

export interface ExecutionPorts {
  readonly clock: Clock;
  readonly store: ExecutionStore;
  /** Told when a running execution's place can't be saved. It goes on; after a crash it would repeat more. */
  onSaveError(executionArn: string, error: unknown): void;
}

/** One execution: its record and, while it runs, the means to stop it. */
export class Execution {
  readonly #ports: ExecutionPorts;
  readonly #abort = new AbortController();
  #record: ExecutionRecord;
  /** One save at a time, of the newest record. */
  #saving: Promise<void> = Promise.resolve();
  #isSaveQueued = false;
  #isLeft = false;
  #running: Promise<void> | undefined;

  constructor(record: ExecutionRecord, ports: ExecutionPorts) {
    this.#record = record;
    this.#ports = ports;
  }

  get record(): ExecutionRecord {
    return this.#record;
  }

  /** Resolves when it no longer runs and what there was to save is saved; never rejects. */
  async finished(): Promise<void> {
    await this.#running;
    await this.#saving;
  }

  /** Runs the machine, from where the record says. */
  start(machine: Machine): void {
    this.#running = this.#run(machine);
  }

  /** Ends it as ABORTED, unless it has ended. Resolves when that is saved. */
  async stop(reason: { readonly error?: string; readonly cause?: string }): Promise<void> {
    this.#end({ status: "ABORTED", ...reason });
    this.#abort.abort(new Error("the execution was stopped"));
    await this.finished();
  }

  /** Ends the work, and leaves the record as it is: the next process goes on with it. */
  async leave(): Promise<void> {
    this.#isLeft = true;
    this.#abort.abort(new Error("the workflows are closing"));
    await this.finished();
  }

  async #run(machine: Machine): Promise<void> {
    const { executionArn, input, name, position, startedMs, stateMachineArn } = this.#record;
    const running = machine.run({
      input: JSON.parse(input),
      startedMs,
      context: {
        Execution: { Id: executionArn, Name: name, RoleArn: ROLE_ARN },
        StateMachine: {
          Id: stateMachineArn,
          Name: stateMachineArn.slice(stateMachineArn.lastIndexOf(":") + 1),
        },
      },
      from: position,
      signal: this.#abort.signal,
      onPosition: (reached) => {
        if (this.#record.status !== "RUNNING" || this.#isLeft) return;
        this.#record = { ...this.#record, position: reached };
        this.#save();
      },
    });
    // A mistake of ours must not leave an execution running for ever.
    const result = await running.catch(
      (error): RunResult => ({ status: "FAILED", error: "States.Runtime", cause: String(error) }),
    );
    if (!this.#isLeft) this.#end(result);
  }

  #end(result: EndResult): void {
    if (this.#record.status !== "RUNNING") return;
    const { position, ...record } = this.#record;
    this.#record = {
      ...record,
      status: result.status,
      stoppedMs: this.#ports.clock(),
      ...(result.status === "SUCCEEDED" ? { output: JSON.stringify(result.output) } : {}),
      ...(result.status === "FAILED" || result.status === "ABORTED"
        ? { error: result.error, cause: result.cause }
        : {}),
      ...(result.status === "TIMED_OUT" ? { error: "States.Timeout" } : {}),
    };
    this.#save();
  }

  #save(): void {
    if (this.#isSaveQueued) return;
    this.#isSaveQueued = true;
    this.#saving = this.#saving.then(async () => {
      this.#isSaveQueued = false;
      try {
        await this.#ports.store.save(this.#record);
      } catch (error) {
        this.#ports.onSaveError(this.#record.executionArn, error);
      }
    });
  }
}

type EndResult = Exclude<RunResult, { status: "ABORTED" }> | (StopReason & { readonly status: "ABORTED" });
interface StopReason {
  readonly error?: string;
  readonly cause?: string;
}
