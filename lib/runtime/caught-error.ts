import * as Type from "typebox";

/** What a workflow's Catch writes to its ResultPath. */
export const CAUGHT_ERROR = Type.Object({ Error: Type.String(), Cause: Type.Optional(Type.Unknown()) });

export interface CaughtError {
  readonly Error: string;
  readonly Cause?: unknown;
}

const MAXIMUM_REASON_LENGTH = 500;

/**
 * A caught error as one line for people. The cause of a function's error is Lambda's response as JSON text,
 * of which the message counts; the cause of an error of the workflow itself is plain text.
 */
export const reasonOf = ({ Error: name, Cause: cause }: CaughtError): string => {
  const message = typeof cause === "string" ? messageIn(cause) : undefined;
  return (message ? `${name}: ${message}` : name).slice(0, MAXIMUM_REASON_LENGTH);
};

const messageIn = (cause: string): string => {
  try {
    const answer: unknown = JSON.parse(cause);
    if (typeof answer === "object" && answer !== null && "errorMessage" in answer) {
      return String(answer.errorMessage);
    }
  } catch {
    // Not JSON: this is the message itself.
  }
  return cause;
};
