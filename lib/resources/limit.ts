import { MisconfiguredError } from "../core/errors.ts";
import { defineKind, type ElementOf } from "./kind.ts";

/**
 * What a deployment may decide: how much there may be at once and how long it is kept, with the defaults. On
 * AWS `-c replaysAtOnce=50`, elsewhere the variable REPLAYS_AT_ONCE.
 */
export const LIMITS = {
  /** Replays that are playing or paused. */
  replaysAtOnce: 100,
  replaysAtOncePerKey: 50,
  /** Average speeds that were requested and are still to come. */
  tasksWaiting: 1_000,
  tasksWaitingPerKey: 100,
  replaySchedules: 100,
  /** Days that a replay is kept after it stopped playing. */
  replayKeptDays: 30,
  /** Days that a task is kept after its window has passed. */
  taskKeptDays: 1,
  importTaskKeptDays: 90,
  /** Days that a record is kept in quarantine. */
  quarantineKeptDays: 90,
} as const satisfies Readonly<Record<string, number>>;

export type LimitName = keyof typeof LIMITS;

export const LIMIT_NAMES = Object.keys(LIMITS) as LimitName[];

/** A limit is a whole number from 1 to this. */
export const MAXIMUM_LIMIT = 100_000;

/** `replaysAtOnce` -> `REPLAYS_AT_ONCE`. */
export const limitVariable = (name: LimitName): string => name.replace(/[A-Z]/g, "_$&").toUpperCase();

export interface UsesLimits {
  /** Numbers that a deployment may decide, named to the function as `<NAME>`. */
  readonly limits?: readonly LimitName[];
}

export interface LimitEnvironment<D extends UsesLimits> {
  readonly limit: (name: ElementOf<D["limits"]>) => number;
}

const readLimit = (text: string, variable: string, functionName: string): number => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= MAXIMUM_LIMIT) return value;
  throw new MisconfiguredError(
    `function ${functionName}: ${variable} must be a whole number from 1 to ${MAXIMUM_LIMIT} (got ${JSON.stringify(text)})`,
  );
};

export const limitKind = defineKind({
  name: "limit",
  uses: ({ limits = [] }: UsesLimits) => limits.map((name): [LimitName, "read"] => [name, "read"]),
  variables: (name) => ({ [limitVariable(name)]: "value" }),
  permissions: () => [],
  local: (name, { variables }) => ({ value: variables[limitVariable(name)] || String(LIMITS[name]) }),
  read: (variable, functionName): LimitEnvironment<UsesLimits> => ({
    limit: (name) => readLimit(variable(limitVariable(name)), limitVariable(name), functionName),
  }),
});
