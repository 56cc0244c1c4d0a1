import { setImmediate as nextTurn } from "node:timers/promises";
import {
  ExecutionAbortedError,
  ExecutionError,
  ExecutionTimeoutError,
  StateMachine,
} from "aws-local-stepfunctions";
import type { Clock, Sleep } from "../../lib/core/clock.ts";
import type { Invoke } from "../functions/invoke-function.ts";
import { callTask } from "./call-task.ts";
import { checkDefinition } from "./check-definition.ts";
import { type Compiled, compile, ROOT_EXECUTION, type Work } from "./compile.ts";
import { DefinitionError, forInterpreter, parseDefinition } from "./definition.ts";
import { runtimeError, TaskError } from "./task-error.ts";
import { waitEndMs, waitUntil } from "./wait.ts";

/*
 * One state machine, and how an execution of it runs. The interpreter walks the states; what they do is done
 * here.
 */

export interface MachinePorts {
  readonly invoke: Invoke;
  readonly clock: Clock;
  readonly sleep: Sleep;
}

/** Where an execution was: a state of the top level, with what went into it. */
export interface ReachedState {
  readonly state: string;
  readonly input: unknown;
  readonly enteredMs: number;
}

export interface Run {
  readonly input: unknown;
  readonly startedMs: number;
  /** The context object's Execution and StateMachine, without Input and StartTime. */
  readonly context: {
    readonly Execution: { readonly Id: string; readonly Name: string; readonly RoleArn: string };
    readonly StateMachine: { readonly Id: string; readonly Name: string };
  };
  /**
   * Where to go on after a restart: that state is entered again, and a Wait only waits for what is left of
   * it.
   */
  readonly from?: ReachedState;
  readonly signal: AbortSignal;
  /** A state of the top level was entered. */
  onReached(reached: ReachedState): void;
  /** Awaited before each Task and Wait; nothing is done when it rejects. */
  beforeWork(kind: WorkKind): Promise<void>;
  /** A Task or Wait that was begun has ended, in whatever way. */
  afterWork?(kind: WorkKind): void;
}

/** A Task calls a function; a Wait does nothing. */
export type WorkKind = Work["kind"];

export type RunResult =
  | { readonly status: "SUCCEEDED"; readonly output: unknown }
  | { readonly status: "FAILED"; readonly error?: string; readonly cause?: string }
  | { readonly status: "TIMED_OUT" }
  /** The signal. */
  | { readonly status: "ABORTED" };

const NO_VALIDATION = { validationOptions: { noValidate: true } };

interface Prepared {
  readonly compiled: Compiled;
  readonly interpreter: StateMachine;
}

/** By the definition's text. Checking takes 60 ms, and a process has a handful of definitions. */
const prepared = new Map<string, Prepared>();

const prepare = (text: string): Prepared => {
  const known = prepared.get(text);
  if (known) return known;
  const definition = parseDefinition(text);
  const problems = checkDefinition(definition);
  if (problems.length > 0) throw new DefinitionError(problems);
  const compiled = compile(definition);
  const made = {
    compiled,
    interpreter: new StateMachine(forInterpreter(compiled.definition), NO_VALIDATION),
  };
  prepared.set(text, made);
  return made;
};

export class Machine {
  readonly #ports: MachinePorts;
  readonly #compiled: Compiled;
  readonly #interpreter: StateMachine;

  /**
   * Raises DefinitionError when the definition can't be run here as it runs on AWS. `text`: its placeholders
   * filled.
   */
  constructor(text: string, ports: MachinePorts) {
    const { compiled, interpreter } = prepare(text);
    this.#ports = ports;
    this.#compiled = compiled;
    this.#interpreter = interpreter;
  }

  /** Never rejects: how it ended is the result. */
  async run(run: Run): Promise<RunResult> {
    const { definition } = this.#compiled;
    // A state that the definition no longer has: the workflow changed while the process was down. Then from
    // the start.
    const from = run.from && Object.hasOwn(definition.States, run.from.state) ? run.from : undefined;
    const stopped = new AbortController();
    const signal = AbortSignal.any([run.signal, stopped.signal]);
    const execution = this.#interpreterFor(run, from).run(
      (from ? from.input : run.input) as Parameters<StateMachine["run"]>[0],
      {
        overrides: { taskResourceLocalHandlers: this.#handlers(run, from, signal) as Handlers },
        context: contextOf(run),
      },
    );
    const abort = (): void => execution.abort();
    if (run.signal.aborted) abort();
    run.signal.addEventListener("abort", abort, { once: true });
    const followed = this.#follow(execution.eventLogs, run, from);
    try {
      return { status: "SUCCEEDED", output: (await execution.result) ?? null };
    } catch (error) {
      return failureOf(error);
    } finally {
      run.signal.removeEventListener("abort", abort);
      // A Task that goes on after its machine has ended (a time-out, another branch's failure) is cut.
      stopped.abort(new Error("the execution has ended"));
      await followed;
    }
  }

  /** The machine itself, or one that begins elsewhere and has less time left. */
  #interpreterFor({ startedMs }: Run, from: ReachedState | undefined): StateMachine {
    if (!from) return this.#interpreter;
    const { definition } = this.#compiled;
    const { TimeoutSeconds, ...rest } = definition;
    const elapsedSeconds = (this.#ports.clock() - startedMs) / 1_000;
    const timeout =
      TimeoutSeconds === undefined
        ? {}
        : { TimeoutSeconds: Math.max(TimeoutSeconds - elapsedSeconds, 0.001) };
    return new StateMachine(forInterpreter({ ...rest, ...timeout, StartAt: from.state }), NO_VALIDATION);
  }

  #handlers(run: Run, from: ReachedState | undefined, signal: AbortSignal): Record<string, Handler> {
    const { clock } = this.#ports;
    let resumed = from;
    const handlerOf = (name: string, work: Work): Handler => {
      return async (input) => {
        const enteredMs = resumed?.state === name ? resumed.enteredMs : clock();
        resumed = undefined;
        // Lets the interpreter's events before this one be read first, so that the reached state is known.
        await nextTurn();
        await run.beforeWork(work.kind).catch(hasEnded);
        try {
          if (signal.aborted) hasEnded();
          if (work.kind === "call") return await callTask(work, input, this.#ports, signal);
          await waitUntil(waitEndMs(input, enteredMs), this.#ports, signal).catch(hasEnded);
          return null;
        } finally {
          run.afterWork?.(work.kind);
        }
      };
    };
    return Object.fromEntries([...this.#compiled.work].map(([name, work]) => [name, handlerOf(name, work)]));
  }

  /** Tells the states of the top level as they are entered. */
  async #follow(events: InterpreterEvents, run: Run, from: ReachedState | undefined): Promise<void> {
    const { States } = this.#compiled.definition;
    // The state that is entered again was entered before; its time counts from then.
    let isResuming = from !== undefined;
    for await (const event of events) {
      if (event.type !== "StateEntered" || !Object.hasOwn(States, event.state.name)) continue;
      const { name, input } = event.state;
      if (!isResuming) run.onReached({ state: name, input, enteredMs: this.#ports.clock() });
      isResuming = false;
    }
  }
}

const hasEnded = (): never => {
  throw new TaskError("States.Aborted", "the execution has ended", { isTerminal: true });
};

type Handler = (input: unknown) => Promise<unknown>;
type InterpreterEvents = ReturnType<StateMachine["run"]>["eventLogs"];
type RunOptions = NonNullable<Parameters<StateMachine["run"]>[1]>;
type Handlers = NonNullable<NonNullable<RunOptions["overrides"]>["taskResourceLocalHandlers"]>;

const contextOf = ({ context, input, startedMs }: Run): Record<string, unknown> => ({
  [ROOT_EXECUTION]: {
    ...context.Execution,
    Input: input,
    StartTime: new Date(startedMs).toISOString(),
  },
  StateMachine: context.StateMachine,
});

/** The name that the interpreter gives to the error of a Fail state without one. */
const NAMELESS_FAIL = "FailStateError";

const failureOf = (error: unknown): RunResult => {
  if (error instanceof ExecutionAbortedError) return { status: "ABORTED" };
  if (error instanceof ExecutionTimeoutError) return { status: "TIMED_OUT" };
  const reason = error instanceof ExecutionError && error.cause instanceof Error ? error.cause : error;
  if (!(reason instanceof Error)) return { status: "FAILED", error: "States.Runtime", cause: String(reason) };
  if (reason.name === NAMELESS_FAIL) return { status: "FAILED" };
  // What is neither ours nor the interpreter's own kind is a mistake that it ran into, such as a function on
  // the wrong type.
  const isKnown = reason instanceof TaskError || "retryable" in reason;
  const { name, message } = isKnown ? reason : runtimeError(reason.message);
  return { status: "FAILED", error: name, cause: message };
};
