/**
 * A function's own ARN as the resource of a Task; groups: the name. A version or an alias may follow, and
 * means nothing here.
 */
export const LAMBDA_FUNCTION =
  /^arn:aws[a-z-]*:lambda:[a-z0-9-]*:[0-9]*:function:([A-Za-z0-9_-]+)(?::[A-Za-z0-9_$-]+)?$/;

/** The optimised integration, which takes FunctionName and Payload and wraps the result. */
export const LAMBDA_INVOKE = "arn:aws:states:::lambda:invoke";

/** A function's name, from its ARN or as it is. */
export const functionNameOf = (nameOrArn: string): string =>
  nameOrArn.match(LAMBDA_FUNCTION)?.[1] ?? nameOrArn;
