/*
 * Decides as IAM does: of the matching statements, a Deny wins, then an Allow; otherwise nothing is allowed.
 * It knows the elements and operators that our templates use, and raises an Error for any other.
 */

export interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** A request, with everything known about it. */
export interface Ask {
  /** `{ Service: "cloudwatch.amazonaws.com" }`, or `{ AWS: <ARN of a role> }`. */
  readonly principal: Readonly<Partial<Record<"Service" | "AWS", string>>>;
  readonly action: string;
  readonly resource: string;
  /** Condition keys of the request, such as aws:SourceArn. */
  readonly context: Readonly<Record<string, string>>;
}

export type Decision = "allowed" | "denied" | "not allowed";

const ELEMENTS = new Set(["Sid", "Effect", "Action", "Resource", "Principal", "Condition"]);

export const evaluatePolicy = (statements: readonly Statement[], ask: Ask): Decision => {
  for (const statement of statements) {
    const unknown = Object.keys(statement).find((element) => !ELEMENTS.has(element));
    if (unknown) throw new Error(`no rule for ${unknown} in a statement`);
  }
  const matching = statements.filter((statement) => matches(statement, ask));
  if (matching.some(({ Effect }) => Effect === "Deny")) return "denied";
  return matching.some(({ Effect }) => Effect === "Allow") ? "allowed" : "not allowed";
};

const list = <Value>(value: Value | readonly Value[]): readonly Value[] =>
  Array.isArray(value) ? value : [value as Value];

const matches = ({ Action, Resource, Principal, Condition = {} }: Statement, ask: Ask): boolean =>
  list(Action).some((pattern) => isLike(ask.action.toLowerCase(), pattern.toLowerCase())) &&
  (Resource === undefined || list(Resource).some((pattern) => isLike(ask.resource, pattern))) &&
  (Principal === undefined || isPrincipal(Principal, ask.principal)) &&
  Object.entries(Condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) =>
      holds(operator, ask.context[key], list(wanted).map(String)),
    ),
  );

const isPrincipal = (named: unknown, { Service, AWS }: Ask["principal"]): boolean => {
  if (named === "*") return true;
  const { Service: services, AWS: accounts, ...others } = named as Record<string, string | string[]>;
  if (Object.keys(others).length > 0) throw new Error(`no rule for the principal ${JSON.stringify(named)}`);
  if (Service !== undefined && services !== undefined && list(services).includes(Service)) return true;
  if (accounts === undefined) return false;
  if (list(accounts).includes("*")) return true;
  // The account itself means anyone in the account whose own policy allows it: see the caller.
  return AWS !== undefined && list(accounts).some((each) => each === AWS || each.endsWith(":root"));
};

/** A key that the request lacks meets no condition. */
const holds = (operator: string, actual: string | undefined, wanted: readonly string[]): boolean => {
  const has = (test: (value: string) => boolean): boolean => actual !== undefined && wanted.some(test);
  switch (operator) {
    case "StringEquals":
    case "Bool":
    case "NumericEquals":
      return has((value) => value === actual);
    case "StringLike":
      return has((value) => isLike(actual ?? "", value));
    case "ArnLike":
    case "ArnEquals":
      return has((value) => isArnLike(actual ?? "", value));
    case "NumericLessThan":
      return has((value) => Number(actual) < Number(value));
    default:
      throw new Error(`no rule for the operator ${operator}`);
  }
};

const isLike = (text: string, pattern: string): boolean =>
  new RegExp(
    `^${pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
    "s",
  ).test(text);

/** Part by part: a star does not cross a colon, except in the last part. */
const isArnLike = (arn: string, pattern: string): boolean => {
  const parts = (text: string): string[] => {
    const all = text.split(":");
    return [...all.slice(0, 5), all.slice(5).join(":")];
  };
  const [actual, wanted] = [parts(arn), parts(pattern)];
  return actual.every((part, index) => isLike(part, wanted[index] ?? ""));
};
