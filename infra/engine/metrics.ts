import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { FailedBatch } from "../../engines/event-source/on-failure.ts";
import { FunctionError, HostUnreachableError, PerhapsRanError } from "../../engines/functions/call-errors.ts";
import type { Invoke } from "../../engines/functions/invoke-function.ts";
import type { Standing } from "../../engines/lease/one-at-a-time.ts";
import type { ExecutionStatus, ExecutionStore } from "../../engines/workflow-runner/execution-store.ts";
import { WORKFLOWS } from "../../lib/resources/workflow.ts";
import type { StreamReading } from "./event-sources.ts";
import type { Role } from "./settings.ts";

/** How a call of a function ended. */
type Outcome = "success" | "function_error" | "unreachable" | "perhaps_ran" | "cut";

/*
 * Prometheus' increase() compares two samples, so a counter that appears with its first failure hides that
 * one: what alerts look at begins at 0.
 */
const GIVEN_UP: readonly FailedBatch["condition"][] = ["RetryAttemptsExhausted", "RecordAgeExceeded"];
const ENDS: readonly ExecutionStatus[] = ["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"];

/** What the engine counts of its work, as Prometheus reads it. All names begin with `backtrack_`. */
export class EngineMetrics {
  readonly registry = new Registry();
  readonly #calls = this.#counter("calls_total", "Calls of functions, by how they ended", [
    "function",
    "outcome",
  ]);
  readonly #seconds = new Histogram({
    name: "backtrack_call_duration_seconds",
    help: "How long calls of functions took",
    labelNames: ["function"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900],
    registers: [this.registry],
  });
  readonly #batches = this.#counter("batches_total", "Batches delivered from the stream", ["function"]);
  readonly #records = this.#counter("records_total", "Records delivered from the stream", ["function"]);
  readonly #givenUp = this.#counter("given_up_records_total", "Records that were given up", [
    "function",
    "condition",
  ]);
  readonly #started = this.#counter("executions_started_total", "Executions that were started here", [
    "workflow",
  ]);
  readonly #finished = this.#counter("executions_finished_total", "Executions that ended here, by how", [
    "workflow",
    "status",
  ]);
  readonly #troubles = this.#counter("troubles_total", "Lines logged as errors or warnings", ["level"]);

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  #counter(name: string, help: string, labelNames: readonly string[]): Counter {
    return new Counter({
      name: `backtrack_${name}`,
      help,
      labelNames: [...labelNames],
      registers: [this.registry],
    });
  }

  /** A gauge whose value is asked for at each look; what rejects has no value then. */
  gauge(
    name: string,
    help: string,
    labelNames: readonly string[],
    values: () => Iterable<GaugeValue> | Promise<Iterable<GaugeValue>>,
  ): void {
    new Gauge({
      name: `backtrack_${name}`,
      help,
      labelNames: [...labelNames],
      registers: [this.registry],
      async collect() {
        this.reset();
        for (const { labels, value } of await values()) this.set(labels, value);
      },
    });
  }

  trouble(level: string): void {
    this.#troubles.inc({ level });
  }

  /** The same calls, counted. */
  counting(invoke: Invoke): Invoke {
    return async (functionName, event, signal) => {
      const end = this.#seconds.startTimer({ function: functionName });
      const ended = (outcome: Outcome): void => {
        end();
        this.#calls.inc({ function: functionName, outcome });
      };
      try {
        const result = await invoke(functionName, event, signal);
        ended("success");
        return result;
      } catch (error) {
        ended(outcomeOf(error));
        throw error;
      }
    };
  }

  /** The same calls with batches of records, counted by what was delivered. */
  countingBatches(invoke: Invoke): Invoke {
    return async (functionName, event, signal) => {
      const result = await invoke(functionName, event, signal);
      this.#batches.inc({ function: functionName });
      this.#records.inc(
        { function: functionName },
        (event as { readonly Records: unknown[] }).Records.length,
      );
      return result;
    };
  }

  gaveUp({ functionName, condition, records }: FailedBatch): void {
    this.#givenUp.inc({ function: functionName, condition }, records.length);
  }

  /** The same store, with what starts and ends in this process counted. */
  countingExecutions(store: ExecutionStore): ExecutionStore {
    for (const workflow of WORKFLOWS) {
      for (const status of ENDS) this.#finished.inc({ workflow, status }, 0);
    }
    const workflowOf = (stateMachineArn: string): string =>
      stateMachineArn.slice(stateMachineArn.lastIndexOf(":") + 1);
    return {
      ...store,
      create: async (record, token) => {
        const isNew = await store.create(record, token);
        if (isNew) this.#started.inc({ workflow: workflowOf(record.stateMachineArn) });
        return isNew;
      },
      save: async (record, token) => {
        const isSaved = await store.save(record, token);
        if (isSaved && record.status !== "RUNNING")
          this.#noteEnd(workflowOf(record.stateMachineArn), record.status);
        return isSaved;
      },
      end: async (record) => {
        const isEnded = await store.end(record);
        if (isEnded) this.#noteEnd(workflowOf(record.stateMachineArn), record.status);
        return isEnded;
      },
    };
  }

  /** Which leases are held here, and which of the stream's partitions are read here. */
  standings(
    standings: Readonly<Partial<Record<Role, () => Standing>>>,
    readings: readonly StreamReading[],
  ): void {
    this.gauge("role_active", "1 while this engine does what one engine at a time does", ["role"], () =>
      Object.entries(standings).map(([role, standing]) => ({
        labels: { role },
        value: standing() === "active" ? 1 : 0,
      })),
    );
    for (const { functionName } of readings) {
      for (const condition of GIVEN_UP) this.#givenUp.inc({ function: functionName, condition }, 0);
    }
    this.gauge("partitions_held", "Partitions of the stream that this engine reads", ["function"], () =>
      readings.map(({ functionName, source }) => ({
        labels: { function: functionName },
        value: source.held().length,
      })),
    );
  }

  #noteEnd(workflow: string, status: string): void {
    this.#finished.inc({ workflow, status });
  }
}

export interface GaugeValue {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const outcomeOf = (error: unknown): Outcome => {
  if (error instanceof FunctionError) return "function_error";
  if (error instanceof HostUnreachableError) return "unreachable";
  return error instanceof PerhapsRanError ? "perhaps_ran" : "cut";
};
