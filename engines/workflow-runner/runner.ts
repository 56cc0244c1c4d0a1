import type { Clock, Sleep } from "../../lib/core/clock.ts";
import { cutOff } from "../lease/cut-off.ts";
import type { LeasedWork } from "../lease/share-leases.ts";
import { Execution, endedRecord } from "./execution.ts";
import type { ExecutionRecord, ExecutionStore, ExecutionSummary } from "./execution-store.ts";
import type { Machine } from "./machine.ts";
import { LONGEST_SLEEP_MILLISECONDS } from "./wait.ts";

/** How soon the active process hears of what others were asked. */
const LOOK_MILLISECONDS = 500;
/** An announcement is lost when its process dies before it makes it. */
const LOOKS_PER_SWEEP = 20;

export interface RunnerOptions {
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly store: ExecutionStore;
  readonly machineOf: (stateMachineArn: string) => Machine | undefined;
  /** No other process uses the store. */
  readonly isAlone: boolean;
  /** How long Tasks in flight may take to end when the lease is to be handed over. */
  readonly graceMilliseconds: number;
  /** How many finished executions are kept; the oldest go first. */
  readonly maximumFinished: number;
  readonly onError: (message: string, error: unknown) => void;
}

/**
 * Runs every execution of the store, for as long as it holds the lease. Other processes stand by, and serve
 * the API meanwhile.
 */
export class Runner {
  readonly #lease: LeasedWork;
  readonly #options: RunnerOptions;
  readonly #running = new Map<string, { readonly execution: Execution; readonly done: Promise<void> }>();
  /** One look at an execution at a time: two would start it twice. */
  readonly #looking = new Map<string, Promise<void>>();
  /** When each of them stopped. */
  readonly #finished = new Map<string, number>();

  constructor(lease: LeasedWork, options: RunnerOptions) {
    this.#lease = lease;
    this.#options = options;
  }

  /** False once another process may run executions. */
  isActive(): boolean {
    return !this.#lease.stopping.aborted && this.#lease.isHeld();
  }

  /** Works until the lease is to be given up, and resolves when nothing is worked on any more. */
  async run(): Promise<void> {
    const { stopping } = this.#lease;
    const { graceMilliseconds, isAlone, onError, sleep } = this.#options;
    const cut = cutOff(this.#lease, graceMilliseconds, sleep);
    const leaveAll = (): void => {
      for (const { execution } of this.#running.values()) execution.leave("another process goes on with it");
    };
    const leaveSoon = (): void => {
      for (const { execution } of this.#running.values()) execution.leaveAfterCall();
    };
    stopping.addEventListener("abort", leaveSoon, { once: true });
    cut.addEventListener("abort", leaveAll, { once: true });
    try {
      await this.#sweep();
      for (let look = 1; !stopping.aborted; look++) {
        await sleep(isAlone ? LONGEST_SLEEP_MILLISECONDS : LOOK_MILLISECONDS, stopping).catch(() => {});
        if (stopping.aborted) break;
        await (look % LOOKS_PER_SWEEP === 0 ? this.#sweep() : this.#hear()).catch((error: unknown) => {
          onError("looking for executions failed", error);
        });
      }
    } finally {
      if (!stopping.aborted) leaveAll();
      await Promise.allSettled([...this.#looking.values()]);
      await Promise.all([...this.#running.values()].map(({ done }) => done));
    }
  }

  /** Keeps a new execution and runs it; false when its name is taken. */
  async start(record: ExecutionRecord): Promise<boolean> {
    const { executionArn } = record;
    let isNew = false;
    await this.#inTurn(executionArn, async () => {
      try {
        isNew = await this.#options.store.create(record, this.#lease.token);
      } catch (error) {
        // Perhaps it is kept all the same, and the answer was lost.
        this.#lookLater(executionArn);
        throw error;
      }
      if (isNew) this.#begin(record);
    });
    return isNew;
  }

  /** Looks at an execution that somebody started or ended. */
  notice(executionArn: string): Promise<void> {
    return this.#inTurn(executionArn, () => this.#look(executionArn));
  }

  async #inTurn(executionArn: string, look: () => Promise<void>): Promise<void> {
    const before = this.#looking.get(executionArn);
    const looking = (async () => {
      await before?.catch(() => {});
      await look();
    })();
    this.#looking.set(executionArn, looking);
    try {
      await looking;
    } finally {
      if (this.#looking.get(executionArn) === looking) this.#looking.delete(executionArn);
    }
  }

  async #look(executionArn: string): Promise<void> {
    if (!this.isActive()) return;
    const { store } = this.#options;
    const record = await store.get(executionArn);
    if (record?.status !== "RUNNING") {
      this.#running.get(executionArn)?.execution.leave("it was ended");
      if (record) this.#noteFinished(record);
    } else if (!this.#running.has(executionArn)) {
      const claimed = await store.claim(executionArn, this.#lease.token);
      if (claimed) this.#begin(claimed);
    }
  }

  async #lookLater(executionArn: string): Promise<void> {
    const { sleep } = this.#options;
    while (this.isActive()) {
      await sleep(LOOK_MILLISECONDS, this.#lease.stopping).catch(() => {});
      const isDone = await this.notice(executionArn).then(
        () => true,
        () => false,
      );
      if (isDone) return;
    }
  }

  /** What other processes announced. */
  async #hear(): Promise<void> {
    const announced = await this.#options.store.takeAnnounced();
    await Promise.all(announced.map((arn) => this.notice(arn)));
  }

  /** Every execution: those that run are run here, and those that were ended are cut. */
  async #sweep(): Promise<void> {
    const changed: string[] = [];
    for (const summary of await this.#options.store.list()) {
      const { executionArn, status } = summary;
      const isEnded = status !== "RUNNING";
      if (isEnded && !this.#finished.has(executionArn)) this.#noteFinished(summary);
      if (isEnded === this.#running.has(executionArn)) changed.push(executionArn);
    }
    await Promise.all(changed.map((executionArn) => this.notice(executionArn)));
  }

  #begin(record: ExecutionRecord): void {
    const { executionArn, stateMachineArn } = record;
    // Whoever holds the lease next goes on with it.
    if (!this.isActive()) return;
    const machine = this.#options.machineOf(stateMachineArn);
    if (!machine) {
      this.#endOrphan(record);
      return;
    }
    const execution = new Execution(record, machine, { ...this.#options, lease: this.#lease });
    const done = execution.run().then((ended) => {
      this.#running.delete(executionArn);
      if (ended) this.#noteFinished(ended);
      // It was refused by the store: then it was ended, or our lease is older than its.
      else if (this.isActive()) this.#afterRefusal(executionArn);
    });
    this.#running.set(executionArn, { execution, done });
  }

  /** A process of another version may know the machine; without any other, nobody does. */
  #endOrphan(record: ExecutionRecord): void {
    const { clock, isAlone, onError, store } = this.#options;
    const { executionArn, stateMachineArn } = record;
    if (!isAlone) {
      onError(`${executionArn} waits for a process that has its state machine`, new Error(stateMachineArn));
      return;
    }
    const reason = { error: "StateMachineDoesNotExist", cause: "The state machine is gone." };
    const ended = endedRecord(record, { status: "ABORTED", ...reason }, clock());
    store.end(ended).then(
      () => this.#noteFinished(ended),
      (error: unknown) => onError(`ending ${executionArn} failed`, error),
    );
  }

  async #afterRefusal(executionArn: string): Promise<void> {
    const record = await this.#options.store.get(executionArn).catch(() => undefined);
    if (record?.status === "RUNNING") this.#lease.lose(`another process runs ${executionArn}`);
    else if (record) this.#noteFinished(record);
  }

  #noteFinished({ executionArn, stoppedMs = 0 }: ExecutionSummary): void {
    this.#finished.set(executionArn, stoppedMs);
    const { maximumFinished, onError, store } = this.#options;
    if (this.#finished.size <= maximumFinished) return;
    const oldestFirst = [...this.#finished].sort(([, one], [, other]) => one - other);
    for (const [arn] of oldestFirst.slice(0, this.#finished.size - maximumFinished)) {
      this.#finished.delete(arn);
      store.remove(arn).catch((error) => onError(`removing ${arn} failed`, error));
    }
  }
}
