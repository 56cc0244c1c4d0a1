/**
 * An error of a state as the interpreter and DescribeExecution know it: `name` is the Error, `message` the
 * Cause.
 */
export class TaskError extends Error {
  /** The interpreter asks for these two; States.ALL does not match an error without them. */
  readonly isRetryable: boolean;
  readonly isCatchable: boolean;

  constructor(error: string, cause: string, { isTerminal = false }: { isTerminal?: boolean } = {}) {
    super(cause);
    this.name = error;
    this.isRetryable = !isTerminal;
    this.isCatchable = !isTerminal;
  }
}

/** A mistake of the workflow itself: nothing retries or catches it. */
export const runtimeError = (cause: string): TaskError =>
  new TaskError("States.Runtime", cause, { isTerminal: true });
