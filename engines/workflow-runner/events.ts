import type { StateMachine } from "aws-local-stepfunctions";
import type { Work } from "./compile.ts";

/** One event of an execution's history under AWS's names, without its number and time. */
export interface EventDetails {
  /** An AWS HistoryEventType. */
  readonly type: string;
  /** The field that carries the type's details, for example `stateEnteredEventDetails`; absent for types that have none. */
  readonly detailsField?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface MachineEvent extends EventDetails {
  readonly timestampMs: number;
}

type Events = ReturnType<StateMachine["run"]>["eventLogs"];
type InterpreterEvent = Events extends AsyncGenerator<infer Event> ? Event : never;

const json = (value: unknown): string => JSON.stringify(value ?? null);
const TRUNCATED = { truncated: false };

/** The interpreter's events as AWS's. Start and end of the execution are told by whoever runs it. */
export const machineEvents = (
  event: InterpreterEvent,
  types: ReadonlyMap<string, string>,
): readonly EventDetails[] => {
  switch (event.type) {
    case "StateEntered": {
      const { name, input } = event.state;
      const type = types.get(name) ?? event.state.type;
      const details = { name, input: json(input), inputDetails: TRUNCATED };
      const entered = { type: `${type}StateEntered`, detailsField: "stateEnteredEventDetails", details };
      if (type === "Parallel") return [entered, { type: "ParallelStateStarted" }];
      if (type !== "Map") return [entered];
      const length = Array.isArray(input) ? input.length : undefined;
      const started = {
        type: "MapStateStarted",
        detailsField: "mapStateStartedEventDetails",
        details: { length },
      };
      return [entered, started];
    }
    case "StateExited": {
      const { name, output } = event.state;
      const type = types.get(name) ?? event.state.type;
      const details = { name, output: json(output), outputDetails: TRUNCATED };
      const exited = { type: `${type}StateExited`, detailsField: "stateExitedEventDetails", details };
      return type === "Map" || type === "Parallel" ? [{ type: `${type}StateSucceeded` }, exited] : [exited];
    }
    case "StateFailed": {
      const type = types.get(event.state.name) ?? event.state.type;
      if (type === "Map" || type === "Parallel") return [{ type: `${type}StateFailed` }];
      // All other failures of a Task are told where they happen.
      const isTimeout = type === "Task" && event.Error === "States.Timeout";
      const details = { error: event.Error };
      return isTimeout
        ? [{ type: "LambdaFunctionTimedOut", detailsField: "lambdaFunctionTimedOutEventDetails", details }]
        : [];
    }
    case "MapIterationStarted":
    case "MapIterationSucceeded":
    case "MapIterationFailed": {
      const details = { name: event.parentState.name, index: event.index };
      const detailsField = `m${event.type.slice(1)}EventDetails`;
      return [{ type: event.type, detailsField, details }];
    }
    default:
      return [];
  }
};

/** The events around the call of a Task's function: under other names for the optimised integration than for a function's own ARN. */
export const taskEvents = (
  { resource, timeoutSeconds }: Extract<Work, { kind: "call" }>,
  { isWrapped }: { readonly isWrapped: boolean },
  input: unknown,
): {
  readonly started: readonly EventDetails[];
  succeeded(result: unknown): EventDetails;
  failed(error: string, cause: string): EventDetails;
} => {
  const [prefix, field] = isWrapped ? ["Task", "task"] : ["LambdaFunction", "lambdaFunction"];
  const integration = isWrapped ? { resourceType: "lambda", resource: "invoke" } : {};
  const event = (what: string, details: Readonly<Record<string, unknown>>): EventDetails => ({
    type: `${prefix}${what}`,
    detailsField: `${field}${what}EventDetails`,
    details: { ...details, ...integration },
  });
  const scheduled = isWrapped
    ? { region: "local", parameters: json(input) }
    : { resource, input: json(input), inputDetails: TRUNCATED };
  return {
    started: [
      event("Scheduled", { ...scheduled, ...(timeoutSeconds ? { timeoutInSeconds: timeoutSeconds } : {}) }),
      isWrapped ? event("Started", {}) : { type: "LambdaFunctionStarted" },
    ],
    succeeded: (result) => event("Succeeded", { output: json(result), outputDetails: TRUNCATED }),
    failed: (error, cause) => event("Failed", { error, cause }),
  };
};
