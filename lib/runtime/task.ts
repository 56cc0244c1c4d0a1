import middy from "@middy/core";
import type { Context } from "aws-lambda";
import type { Static, TSchema } from "typebox";
import { BacktrackError, InvalidInputError, VersionConflictError } from "../core/errors.ts";
import { DEFAULT_TENANT, parseTenantId, type TenantId } from "../core/tenant/tenant-id.ts";
import type { CaughtError } from "./caught-error.ts";
import type { FunctionDefinition } from "./definition.ts";
import { functionLogger } from "./logger.ts";
import { sentence } from "./problem.ts";
import { checkSchema } from "./schema-check.ts";

/** What a running task may ask of its host. */
export interface TaskSurroundings {
  /** Milliseconds left before the function is stopped. */
  readonly remainingMs: () => number;
  /** Whose task it is: what the input says under `tenant`, and without it the default one. */
  readonly tenant: TenantId;
}

/** A function that is called by something other than HTTP or a stream. */
type CalledDefinition = FunctionDefinition &
  ({ readonly taskOf: object | string } | { readonly schedule: string } | { readonly bucket: string });

export type TaskFunction<Output> = (input: unknown, context: Context) => Promise<Output>;

/**
 * Why a task can't be done, when it is for its user to fix: a bad file, a deleted recording. It is a result
 * and not an error, so that the workflow's Choice can read it, and no alarm goes off for what a user did. The
 * task's input comes with it.
 */
export interface Refusal {
  /** In the form of a Catch. */
  readonly refused: CaughtError;
}

/** Kinds of failure that a retry never fixes, and that are not our fault. */
const USERS_MISTAKES: ReadonlySet<string> = new Set([
  "invalid-input",
  "not-found",
  "conflict",
  "gone",
  "too-large",
  "unsupported-format",
]);

const refusalOf = (error: unknown): Refusal | undefined => {
  const isUsers = error instanceof BacktrackError && USERS_MISTAKES.has(error.code);
  // Another writer was faster: a retry fixes that.
  if (!isUsers || error instanceof VersionConflictError) return undefined;
  return { refused: { Error: error.name, Cause: error.message } };
};

/**
 * Like taskFunction, but returns a user's mistake as a Refusal. Input that breaks the schema still raises an
 * error: workflows make it, not users.
 */
export const refusableTaskFunction = <Schema extends TSchema, Output extends object>(
  definition: CalledDefinition,
  schema: Schema,
  run: (input: Static<Schema>, surroundings: TaskSurroundings) => Promise<Output>,
): TaskFunction<Output | (Static<Schema> & Refusal)> => {
  const logger = functionLogger(definition);
  return taskFunction(definition, schema, async (input, surroundings) => {
    try {
      return await run(input, surroundings);
    } catch (error) {
      const refusal = refusalOf(error);
      if (!refusal) throw error;
      // The message may hold a position, so only its kind is logged.
      logger.warn("task refused", { error: refusal.refused.Error });
      return { ...(input as object), ...refusal } as Static<Schema> & Refusal;
    }
  });
};

const tenantIn = (input: unknown): TenantId | undefined => {
  const named = (input as { readonly tenant?: unknown }).tenant;
  return named === undefined ? undefined : parseTenantId(named);
};

/**
 * Makes the Lambda handler of a function that is called with an event of our own: a workflow's task, or what
 * a schedule starts. The answer names the tenant that the input names. Input that breaks the schema raises
 * InvalidInputError, which no retry mends. Errors pass as they are: Lambda reports an error's `name` as its
 * type, which is what `ErrorEquals` matches.
 */
export const taskFunction = <Schema extends TSchema, Output extends object>(
  definition: CalledDefinition,
  schema: Schema,
  run: (input: Static<Schema>, surroundings: TaskSurroundings) => Promise<Output>,
): TaskFunction<Output> => {
  const logger = functionLogger(definition);
  const answer = async (input: unknown, context: Context): Promise<Output> => {
    const problems = checkSchema(schema, input, "input");
    if (problems.length > 0) {
      throw new InvalidInputError(problems.map(sentence).join("; "), { problems });
    }
    const named = tenantIn(input);
    const tenant = named ?? DEFAULT_TENANT;
    const remainingMs = () => context.getRemainingTimeInMillis();
    const output = await run(input as Static<Schema>, { remainingMs, tenant });
    // So that whatever a workflow does next is the same tenant's.
    return named === undefined ? output : { ...output, tenant };
  };
  return middy<unknown, Output>(answer, { timeoutEarlyInMillis: 0 }).use({
    after: ({ response }) => logger.debug("task", { response }),
    onError: ({ error }) => {
      // The problem of an input is for whoever sent it; it may quote a position, so only its kind is logged.
      if (error instanceof InvalidInputError) logger.warn("task", { problem: error.code });
      else logger.error("task", { error: error as Error });
      throw error;
    },
  });
};
