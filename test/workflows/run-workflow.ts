import { readFileSync } from "node:fs";
import { StateMachine } from "aws-local-stepfunctions";
import { substitutePlaceholders } from "../../engines/workflow-runner/definition.ts";
import { MANIFEST } from "../../functions/manifest.ts";
import type { WorkflowName } from "../../lib/resources/workflow.ts";
import { functionArnPlaceholder } from "../../lib/runtime/definition.ts";
import type { TaskFunction } from "../../lib/runtime/task.ts";
import { lambdaContext } from "../http-event.ts";

/** A function by its name, as a workflow calls it. */
export type Functions = Readonly<Record<string, (input: unknown) => Promise<unknown>>>;

interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly Retry?: readonly {
    readonly ErrorEquals: readonly string[];
    readonly MaxAttempts?: number;
    readonly IntervalSeconds?: number;
    readonly BackoffRate?: number;
    readonly MaxDelaySeconds?: number;
  }[];
}

/** The workflow's file, with each placeholder replaced by its function's name. */
export const workflowText = (workflow: WorkflowName): string => {
  const url = new URL(`../../workflows/${workflow}.asl.json`, import.meta.url);
  const names = MANIFEST.map(({ name }) => [functionArnPlaceholder(name), name]);
  return substitutePlaceholders(readFileSync(url, "utf8"), Object.fromEntries(names));
};

export const statesOf = (workflow: WorkflowName): Readonly<Record<string, State>> =>
  JSON.parse(workflowText(workflow)).States;

/** The workflow's sample input. */
export const sampleInput = (workflow: WorkflowName) => {
  const url = new URL(`../../workflows/${workflow}.sample.json`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8"));
};

/** A handler, called as Lambda calls it: with JSON in and out. */
export const asTask =
  <Output>(handler: TaskFunction<Output>) =>
  async (input: unknown): Promise<unknown> => {
    const output = await handler(JSON.parse(JSON.stringify(input)), lambdaContext());
    return JSON.parse(JSON.stringify(output ?? null));
  };

export interface WorkflowRun {
  readonly output?: unknown;
  /** Name and cause of its error. */
  readonly failure?: { readonly name: string; readonly cause: string };
  /** Functions in the order in which they were called. */
  readonly calls: readonly string[];
}

/**
 * Runs a workflow's own file in the interpreter. Waits, for windows and before retries, take no time. With
 * `retriesWait`, retries wait by setTimeout, for tests with fake timers.
 */
export const runWorkflow = async (
  workflow: WorkflowName,
  input: unknown,
  functions: Functions,
  { retriesWait = false }: { readonly retriesWait?: boolean } = {},
): Promise<WorkflowRun> => {
  const text = workflowText(workflow);
  const states = Object.entries(statesOf(workflow));
  const calls: string[] = [];
  const taskResourceLocalHandlers = Object.fromEntries(
    states
      .filter(([, { Type }]) => Type === "Task")
      .map(([state, { Resource = "" }]) => [
        state,
        async (taskInput: unknown) => {
          calls.push(Resource);
          const call = functions[Resource];
          if (!call) throw new Error(`the workflow calls ${Resource}, which the test does not have`);
          return call(taskInput);
        },
      ]),
  );
  const zeroes = (wanted: (state: State) => boolean) =>
    Object.fromEntries(states.filter(([, state]) => wanted(state)).map(([name]) => [name, 0]));
  const machine = new StateMachine(JSON.parse(text), { validationOptions: { noValidate: true } });
  const execution = machine.run(input as Parameters<StateMachine["run"]>[0], {
    overrides: {
      taskResourceLocalHandlers: taskResourceLocalHandlers as never,
      waitTimeOverrides: zeroes(({ Type }) => Type === "Wait"),
      retryIntervalOverrides: zeroes(({ Retry }) => Retry !== undefined && !retriesWait),
    },
  });
  try {
    return { output: await execution.result, calls };
  } catch (error) {
    const cause = (error as { cause?: unknown }).cause ?? error;
    const { name, message } = cause as Error;
    return { failure: { name, cause: message }, calls };
  }
};
