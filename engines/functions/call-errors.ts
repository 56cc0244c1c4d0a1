/*
 * How a call of a function can fail. The three are told apart, because they must be answered differently:
 *
 * - FunctionError: the function ran, or began to. Trying again counts as a retry.
 * - HostUnreachableError: nothing ran, because nobody listens or the host refuses work. Trying again costs
 *   the event nothing.
 * - PerhapsRanError: nobody knows. The event may be what kills its function, or a gateway has just hung up.
 *   Trying again counts against a limit of its own.
 */

/**
 * A function's own failure. `name` is what it threw by, as Lambda reports it in `errorType`, so that it can
 * be matched by name; Lambda's names for what the function could not report itself are `Sandbox.Timedout` and
 * `Runtime.ExitError`.
 */
export class FunctionError extends Error {
  /** The stack where the function threw, as far as it was reported. */
  readonly trace: readonly string[];

  constructor(errorType: string, errorMessage: string, trace: readonly string[] = []) {
    super(errorMessage);
    this.name = errorType;
    this.trace = trace;
  }
}

/** The function did not run: the host is down, starting, or asks to slow down. */
export class HostUnreachableError extends Error {
  override readonly name = "HostUnreachableError";
}

/**
 * The call was sent, and how it ended is not known: the connection broke, or a gateway answered in the
 * function's place.
 */
export class PerhapsRanError extends Error {
  override readonly name = "PerhapsRanError";
  /**
   * How long the function may run on, at most; called again before that, a second copy would run beside it.
   */
  readonly mayRunForMilliseconds: number;

  constructor(message: string, mayRunForMilliseconds: number, options?: ErrorOptions) {
    super(message, options);
    this.mayRunForMilliseconds = mayRunForMilliseconds;
  }
}
