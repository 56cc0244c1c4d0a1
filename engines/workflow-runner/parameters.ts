import { ApiError, validationError } from "../server/api-error.ts";
import { isExecutionArn, isStateMachineArn } from "./arn.ts";

/* Checks the parameters of a request, with AWS's errors for what is wrong. */

/** Checks one parameter's value, which is there, and gives it back; raises what AWS would. */
type Check<Value> = (value: unknown, field: string) => Value;

type Optional<Value> = Check<Value | undefined> & { readonly isOptional: true };

type Checked<Checks> = {
  readonly [Field in keyof Checks]: Checks[Field] extends Check<infer Value> ? Value : never;
};

const refuse = (value: unknown, field: string, rule: string): never => {
  const shown = value === undefined ? "null" : `'${String(value).slice(0, 100)}'`;
  throw validationError(
    `1 validation error detected: Value ${shown} at '${field}' failed to satisfy constraint: Member must ${rule}`,
  );
};

export const text =
  ({ maximumLength = 256, minimumLength = 1, maximumBytes = Number.POSITIVE_INFINITY } = {}): Check<string> =>
  (value, field) => {
    if (typeof value !== "string") return refuse(value, field, "be a string");
    if (value.length < minimumLength)
      return refuse(value, field, `have length greater than or equal to ${minimumLength}`);
    if (value.length > maximumLength)
      return refuse(value, field, `have length less than or equal to ${maximumLength}`);
    if (Buffer.byteLength(value) > maximumBytes) {
      return refuse(value, field, `have length less than or equal to ${maximumBytes}`);
    }
    return value;
  };

export const oneOf =
  <Value extends string>(...allowed: readonly Value[]): Check<Value> =>
  (value, field) =>
    allowed.find((each) => each === value) ??
    refuse(value, field, `satisfy enum value set: [${allowed.join(", ")}]`);

export const integer =
  (least: number, most: number): Check<number> =>
  (value, field) => {
    if (!Number.isInteger(value)) return refuse(value, field, "be an integer");
    const number = value as number;
    if (number < least) return refuse(value, field, `have value greater than or equal to ${least}`);
    if (number > most) return refuse(value, field, `have value less than or equal to ${most}`);
    return number;
  };

/** Taken and not looked at: what has no meaning on one machine. */
export const anything: Check<unknown> = (value) => value;

export const optional = <Value>(check: Check<Value>): Optional<Value> =>
  Object.assign((value: unknown, field: string) => (value === undefined ? undefined : check(value, field)), {
    isOptional: true as const,
  });

const arn =
  (kind: string, isArn: (value: string) => boolean): Check<string> =>
  (value, field) => {
    const given = text()(value, field);
    if (isArn(given)) return given;
    throw new ApiError(
      "InvalidArn",
      `Invalid Arn: 'Resource type not valid in this context: ${given}' (${kind} expected)`,
    );
  };
export const stateMachineArn = arn("stateMachine", isStateMachineArn);
export const executionArn = arn("execution", isExecutionArn);

// biome-ignore lint/suspicious/noControlCharactersInRegex: names must not have them
const NOT_IN_NAMES = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]/;

/**
 * The name of an execution or a state machine: up to 80 characters, no white space and none that a URL or a
 * pattern needs.
 */
export const resourceName: Check<string> = (value, field) => {
  const name = text({ maximumLength: 80 })(value, field);
  if (NOT_IN_NAMES.test(name)) throw new ApiError("InvalidName", `Invalid Name: '${name}'`);
  return name;
};

/** Checks every parameter; raises ValidationException for one that is missing or unknown. */
export const parameters = <Checks extends Record<string, Check<unknown>>>(
  checks: Checks,
  body: Readonly<Record<string, unknown>>,
): Checked<Checks> => {
  for (const field of Object.keys(body)) {
    if (!Object.hasOwn(checks, field)) throw validationError(`Unknown parameter '${field}'`);
  }
  const entries = Object.entries(checks).map(([field, check]) => {
    const value = body[field] ?? undefined;
    if (value === undefined && !("isOptional" in check)) refuse(value, field, "not be null");
    return [field, check(value, field)];
  });
  return Object.fromEntries(entries) as Checked<Checks>;
};
