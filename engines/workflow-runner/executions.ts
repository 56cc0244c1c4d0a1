import type { Clock } from "../../lib/core/clock.ts";
import { ApiError } from "./api-error.ts";
import { executionArn } from "./arn.ts";
import { Execution } from "./execution.ts";
import type { ExecutionRecord, ExecutionStore } from "./execution-store.ts";
import type { Machine } from "./machine.ts";

export interface ExecutionsOptions {
  readonly clock: Clock;
  readonly store: ExecutionStore;
  /** How many finished executions are remembered; the oldest go first. */
  readonly maximumFinished: number;
  readonly onError: (message: string, error: unknown) => void;
}

/** Every execution that is known: those that run, and a bounded number of those that have ended. */
export class Executions {
  readonly #options: ExecutionsOptions;
  /** In the order of their starts. */
  readonly #byArn = new Map<string, Execution>();
  /** Those that are not kept yet. */
  readonly #starting = new Map<string, Promise<void>>();

  constructor(options: ExecutionsOptions) {
    this.#options = options;
  }

  /** Takes over what an earlier process left: goes on with what was running, and remembers the rest. */
  async restore(machineOf: (stateMachineArn: string) => Machine | undefined): Promise<void> {
    const records = await this.#options.store.load();
    for (const record of [...records].sort((a, b) => a.startedMs - b.startedMs)) {
      const execution = this.#add(record);
      if (record.status !== "RUNNING") continue;
      const machine = machineOf(record.stateMachineArn);
      if (machine) execution.start(machine);
      else await execution.stop({ error: "StateMachineDoesNotExist", cause: "The state machine is gone." });
    }
    this.#forgetOldest();
  }

  /**
   * Starts an execution; resolves when it is kept. The same name and input as one that runs gives that one; another input, or one
   * that has ended, raises ExecutionAlreadyExists.
   */
  async start(
    stateMachineArn: string,
    machine: Machine,
    name: string,
    input: string,
  ): Promise<ExecutionRecord> {
    const arn = executionArn(stateMachineArn, name);
    // Asked twice at once: the second answer must be as good as the first.
    await this.#starting.get(arn)?.catch(() => {});
    const existing = this.#byArn.get(arn)?.record;
    if (existing) {
      if (existing.status === "RUNNING" && existing.input === input) return existing;
      throw new ApiError("ExecutionAlreadyExists", `Execution Already Exists: '${arn}'`);
    }
    const record: ExecutionRecord = {
      executionArn: arn,
      stateMachineArn,
      name,
      status: "RUNNING",
      startedMs: this.#options.clock(),
      input,
    };
    const execution = this.#add(record);
    const keeping = this.#options.store.save(record).finally(() => this.#starting.delete(arn));
    this.#starting.set(arn, keeping);
    try {
      await keeping;
    } catch (error) {
      this.#byArn.delete(arn);
      throw error;
    }
    execution.start(machine);
    execution.finished().then(() => this.#forgetOldest());
    return record;
  }

  get(arn: string): Execution {
    const execution = this.#byArn.get(arn);
    if (!execution) throw new ApiError("ExecutionDoesNotExist", `Execution Does Not Exist: '${arn}'`);
    return execution;
  }

  /** Of one state machine, newest first. */
  list(stateMachineArn: string): ExecutionRecord[] {
    return [...this.#byArn.values()]
      .map(({ record }) => record)
      .filter((record) => record.stateMachineArn === stateMachineArn)
      .reverse();
  }

  /** Stops working, without ending what runs: the next process goes on with it. */
  async close(): Promise<void> {
    await Promise.all([...this.#byArn.values()].map((execution) => execution.leave()));
  }

  #add(record: ExecutionRecord): Execution {
    const { clock, store, onError } = this.#options;
    const onSaveError = (arn: string, error: unknown) => onError(`saving ${arn} failed`, error);
    const execution = new Execution(record, { clock, store, onSaveError });
    this.#byArn.set(record.executionArn, execution);
    return execution;
  }

  #forgetOldest(): void {
    const finished = [...this.#byArn.values()].filter(({ record }) => record.status !== "RUNNING");
    for (const { record } of finished.slice(
      0,
      Math.max(finished.length - this.#options.maximumFinished, 0),
    )) {
      this.#byArn.delete(record.executionArn);
      this.#options.store
        .remove(record.executionArn)
        .catch((error) => this.#options.onError(`removing ${record.executionArn} failed`, error));
    }
  }
}
