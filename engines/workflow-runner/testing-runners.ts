import { type SimulatedProcess, simulatedProcess } from "../../test/simulated-process.ts";
import type { VirtualTime } from "../../test/virtual-time.ts";
import type { Invoke } from "../functions/invoke-function.ts";
import { type LeaseStore, memoryLeaseStore } from "../lease/lease-store.ts";
import type { ExecutionRecord, ExecutionStore } from "./execution-store.ts";
import { memoryExecutionStore } from "./memory-execution-store.ts";
import { arnOf, executionArnOf, machineArn, statesOf } from "./testing.ts";
import { startWorkflowRunner, type WorkflowRunner } from "./workflow-runner.ts";

/*
 * Several workflow runners over one store, as processes that are paused and killed, and what is watched of
 * them.
 */

const task = (name: string, Next: string) => ({ Type: "Task", Resource: arnOf(name), Next });

/** Three tasks, a Wait, a Choice and two tasks side by side. */
const WORKFLOW = statesOf({
  First: task("first", "Wait"),
  Wait: { Type: "Wait", Seconds: 2, Next: "Choose" },
  Choose: {
    Type: "Choice",
    Choices: [{ Variable: "$.skip", BooleanEquals: true, Next: "Done" }],
    Default: "Second",
  },
  Second: task("second", "Both"),
  Both: {
    Type: "Parallel",
    Branches: [
      statesOf({ Left: { Type: "Task", Resource: arnOf("left"), End: true } }),
      statesOf({ Right: { Type: "Task", Resource: arnOf("right"), End: true } }),
    ],
    Next: "Done",
  },
  Done: { Type: "Succeed" },
});
export const TASKS = ["first", "left", "right", "second"];

/** Wrong designs that the watching must find. */
export type Defect = "no lease" | "no conditions";

export interface RunnersOptions {
  readonly time: VirtualTime;
  /** Of each way of a request; some, counted from 0, are slow. */
  readonly latencyMs: number;
  readonly slow: readonly (readonly [way: number, milliseconds: number])[];
  /** How long functions take. */
  readonly durationsMs: readonly number[];
  /** How late it arrives that an execution has entered the state Second. */
  readonly lateSaveMs?: number;
  readonly defect?: Defect;
}

interface Call {
  readonly process: SimulatedProcess;
  readonly executionArn: string;
  readonly functionName: string;
  readonly signal: AbortSignal | undefined;
}

const inTurn = (values: readonly number[]): (() => number) => {
  let index = 0;
  return () => values[index++ % values.length];
};

/** Saves whatever it is given, as a runner would that thinks itself alone. */
const withoutConditions = (store: ExecutionStore): ExecutionStore => ({
  ...store,
  async save(record) {
    await store.remove(record.executionArn);
    return store.create(record, 0);
  },
});

export class Runners {
  /** What went wrong. */
  readonly faults: string[] = [];
  readonly store: ExecutionStore;
  /** Calls that were made for each execution, by function. */
  readonly callsOf = new Map<string, string[]>();
  readonly #options: RunnersOptions;
  readonly #leases = memoryLeaseStore();
  readonly #calls = new Set<Call>();
  readonly #ends = new Map<string, number>();
  readonly #latency: () => number;
  readonly #duration: () => number;
  #processes = 0;

  constructor(options: RunnersOptions) {
    this.#options = options;
    const slow = new Map(options.slow);
    let ways = 0;
    this.#latency = () => slow.get(ways++) ?? options.latencyMs;
    this.#duration = inTurn(options.durationsMs);
    this.store = this.#watched(memoryExecutionStore());
  }

  open({ isAlone }: { readonly isAlone?: boolean } = {}): {
    readonly process: SimulatedProcess;
    readonly runner: WorkflowRunner;
  } {
    const { defect, time } = this.#options;
    const process = simulatedProcess(time, `process-${++this.#processes}`, this.#latency);
    const leases: LeaseStore = defect === "no lease" ? memoryLeaseStore() : this.#leases;
    const runner = startWorkflowRunner({
      region: "us-east-1",
      account: "000000000000",
      workflows: [{ name: "workflow", definition: JSON.stringify(WORKFLOW) }],
      invoke: this.#invokeFrom(process),
      clock: time.now,
      sleep: process.sleep,
      store: process.reach(
        this.#late(defect === "no conditions" ? withoutConditions(this.store) : this.store),
      ),
      sharing: { store: process.reach(leases), owner: process.name, isAlone, clocks: process.clocks },
    });
    return { process, runner };
  }

  /** Looks whether two runners that run are at work on one execution. */
  check(): void {
    const byExecution = Map.groupBy(
      [...this.#calls].filter(({ process, signal }) => process.isRunning && !signal?.aborted),
      ({ executionArn }) => executionArn,
    );
    for (const [executionArn, calls] of byExecution) {
      const names = new Set(calls.map(({ process }) => process.name));
      if (names.size > 1) this.faults.push(`${[...names].join(" and ")} both work on ${executionArn}`);
    }
  }

  #invokeFrom(process: SimulatedProcess): Invoke {
    return async (functionName, event, signal) => {
      const { name } = event as { name: string };
      const executionArn = executionArnOf("workflow", name);
      const call = { process, executionArn, functionName, signal };
      this.#calls.add(call);
      this.callsOf.set(executionArn, [...(this.callsOf.get(executionArn) ?? []), functionName]);
      this.check();
      try {
        await process.sleep(this.#duration(), signal);
        return event;
      } finally {
        this.#calls.delete(call);
      }
    };
  }

  #late(store: ExecutionStore): ExecutionStore {
    const { lateSaveMs = 0, time } = this.#options;
    if (lateSaveMs === 0) return store;
    return {
      ...store,
      async save(record, token) {
        if (record.reached?.state === "Second") await time.sleep(lateSaveMs);
        return store.save(record, token);
      },
    };
  }

  /** No execution ends twice, changes after its end, or is taken away. */
  #watched(store: ExecutionStore): ExecutionStore {
    const told = async (record: ExecutionRecord, kept: Promise<boolean>): Promise<boolean> => {
      const isKept = await kept;
      if (!isKept) return false;
      const { executionArn, status } = record;
      if (this.#ends.has(executionArn)) this.faults.push(`${executionArn} changed after its end`);
      if (status !== "RUNNING") this.#ends.set(executionArn, 1);
      return true;
    };
    return {
      ...store,
      create: (record, token) => told(record, store.create(record, token)),
      save: (record, token) => told(record, store.save(record, token)),
      end: (record) => told(record, store.end(record)),
    };
  }
}

export const WORKFLOW_ARN = machineArn("workflow");
