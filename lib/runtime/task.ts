import middy from "@middy/core";
import type { Context } from "aws-lambda";
import type { Static, TSchema } from "typebox";
import { InvalidInputError } from "../core/errors.ts";
import type { FunctionDefinition } from "./definition.ts";
import { functionLogger } from "./logger.ts";
import { sentence } from "./problem.ts";
import { checkSchema } from "./schema-check.ts";

/** What a running task may ask of its surroundings. */
export interface TaskSurroundings {
  /** Milliseconds that are left before the function is stopped. */
  readonly remainingMs: () => number;
}

export type TaskFunction<Output> = (input: unknown, context: Context) => Promise<Output>;

/**
 * Makes the Lambda handler of a function that is called with an event of our own: a workflow's task, or what a schedule
 * starts. Input that breaks the schema raises InvalidInputError, which no retry mends. Errors pass as they are: Lambda
 * reports an error's `name` as its type, which is what `ErrorEquals` matches.
 */
export const taskFunction = <Schema extends TSchema, Output>(
  definition: FunctionDefinition,
  schema: Schema,
  run: (input: Static<Schema>, surroundings: TaskSurroundings) => Promise<Output>,
): TaskFunction<Output> => {
  const logger = functionLogger(definition);
  const answer = async (input: unknown, context: Context): Promise<Output> => {
    const problems = checkSchema(schema, input, "input");
    if (problems.length > 0) {
      throw new InvalidInputError(problems.map(sentence).join("; "), { problems });
    }
    return run(input as Static<Schema>, { remainingMs: () => context.getRemainingTimeInMillis() });
  };
  return middy<unknown, Output>(answer, { timeoutEarlyInMillis: 0 }).use({
    after: ({ response }) => logger.debug("task", { response }),
    onError: ({ error }) => {
      // What is wrong with an input is told to whoever gave it; it may be a position, so the log gets its kind alone.
      if (error instanceof InvalidInputError) logger.warn("task", { problem: error.code });
      else logger.error("task", { error: error as Error });
      throw error;
    },
  });
};
