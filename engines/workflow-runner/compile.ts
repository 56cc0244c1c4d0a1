import { LONGEST_SECONDS } from "./check-definition.ts";
import { type Definition, type StateFields, type StatesScope, scopesIn } from "./definition.ts";

/*
 * Rewrites a checked definition so that the interpreter runs it as AWS would:
 *
 * - A Wait becomes a Task of ours. The interpreter's own can't be shortened by the time that passed before a
 *   restart.
 * - A Task without TimeoutSeconds gets the longest that there is; the interpreter would end it after a
 *   minute.
 * - `$$.Execution` becomes `$$.RootExecution`: the interpreter overwrites `Execution` with the input of the
 *   innermost Map iteration or Parallel branch, and with the time of the restart.
 */

/** What the interpreter asks us to do for a state. */
export type Work =
  | { readonly kind: "call"; readonly resource: string; readonly timeoutSeconds: number | undefined }
  | { readonly kind: "wait" };

export interface Compiled {
  readonly definition: Definition;
  /** By the state's name, which is unique in a machine. */
  readonly work: ReadonlyMap<string, Work>;
}

export const ROOT_EXECUTION = "RootExecution";

/** A resource that stands for waiting. The interpreter never looks at it. */
const WAIT_RESOURCE = "arn:aws:states:::wait";

export const compile = (definition: Definition): Compiled => {
  const work = new Map<string, Work>();

  const compileState = (name: string, state: StateFields): StateFields => {
    if (state.Type === "Wait") {
      work.set(name, { kind: "wait" });
      return waitAsTask(state);
    }
    if (state.Type === "Task") {
      const timeoutSeconds = state.TimeoutSeconds as number | undefined;
      work.set(name, { kind: "call", resource: String(state.Resource), timeoutSeconds });
      return { ...state, TimeoutSeconds: timeoutSeconds ?? LONGEST_SECONDS };
    }
    const nested = scopesIn(state).map(compileScope);
    if (state.Type === "Parallel") return { ...state, Branches: nested };
    if (state.Type === "Map") {
      const { Iterator: _iterator, ItemProcessor: _processor, ...rest } = state;
      return { ...rest, ItemProcessor: nested[0] };
    }
    return state;
  };
  const compileScope = <Scope extends StatesScope>(scope: Scope): Scope => ({
    ...scope,
    States: Object.fromEntries(
      Object.entries(scope.States).map(([name, state]) => [name, compileState(name, state)]),
    ),
  });

  return { definition: renameContext(compileScope(definition)) as Definition, work };
};

const waitAsTask = ({
  Seconds,
  SecondsPath,
  Timestamp,
  TimestampPath,
  ...rest
}: StateFields): StateFields => ({
  ...rest,
  Type: "Task",
  Resource: WAIT_RESOURCE,
  TimeoutSeconds: LONGEST_SECONDS,
  Parameters: {
    ...(SecondsPath === undefined ? { seconds: Seconds } : { "seconds.$": SecondsPath }),
    ...(TimestampPath === undefined ? { timestamp: Timestamp } : { "timestamp.$": TimestampPath }),
  },
  // A Wait hands on what it got.
  ResultPath: null,
});

const renameContext = (value: unknown, field = ""): unknown => {
  if (typeof value === "string") {
    const isPath = /(Path|\.\$|^Variable)$/.test(field);
    return isPath ? value.replaceAll(/\$\$\.Execution(?!\w)/g, `$$$$.${ROOT_EXECUTION}`) : value;
  }
  if (Array.isArray(value)) return value.map((each) => renameContext(each));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, content]) => [key, renameContext(content, key)]),
  );
};
