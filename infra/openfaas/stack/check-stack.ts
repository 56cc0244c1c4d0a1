import { parseDocument } from "yaml";
import { checkSchema } from "../../../lib/runtime/schema-check.ts";
import { placeholderProblems, withValues } from "./placeholders.ts";
import {
  CRON_ANNOTATIONS,
  FUNCTION,
  fits,
  LABELS,
  NO_ANNOTATIONS,
  nameProblem,
  STACK,
  TIMEOUTS,
  VARIABLE_NAME,
} from "./schema.ts";
import { durationSeconds } from "./units.ts";

export interface StackRules {
  /** Functions that the clock starts; no other may have a topic. */
  readonly cronFunctions: readonly string[];
  /** After this the gateway answers in a function's place. */
  readonly gatewayTimeoutSeconds: number;
  /** What the variables of the file stand for; default: their defaults. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Everything that is wrong with the text of a stack.yml, a line each: the field, the value and the rule.
 * Empty if and only if faas-cli, OpenFaaS, Knative and Kubernetes understand it as it was meant.
 */
export const checkStack = (text: string, rules: StackRules): string[] => {
  const variables = placeholderProblems(text);
  if (variables.length > 0) return variables;
  const document = parseDocument(withValues(text, rules.environment), { uniqueKeys: true, merge: false });
  const broken = [...document.errors, ...document.warnings].map(({ message }) => message.split("\n")[0]);
  if (broken.length > 0) return broken;
  const stack: unknown = document.toJS({ maxAliasCount: 0 });
  const problems = check(STACK, stack, "stack.yml");
  const { functions } = (isFields(stack) ? stack : {}) as { functions?: unknown };
  if (!isFields(functions)) return problems;
  return [
    ...problems,
    ...Object.entries(functions).flatMap(([name, definition]) => checkFunction(name, definition, rules)),
  ];
};

const checkFunction = (name: string, definition: unknown, rules: StackRules): string[] => {
  const at = `functions.${name}`;
  const named = nameProblem(name);
  return [
    ...(named === undefined ? [] : [problem(at, name, named)]),
    ...check(FUNCTION, definition, at),
    ...(isFields(definition) ? checkParts(name, definition, rules) : []),
  ];
};

const checkParts = (name: string, definition: Fields, rules: StackRules): string[] => {
  const at = `functions.${name}`;
  const { environment, labels, annotations, requests, limits } = definition;
  const isCron = rules.cronFunctions.includes(name);
  return [
    ...(isFields(environment) ? checkEnvironment(`${at}.environment`, environment, rules) : []),
    ...(isFields(labels) ? checkLabels(`${at}.labels`, labels) : []),
    ...checkAnnotations(`${at}.annotations`, annotations ?? {}, isCron),
    ...(isFields(requests) && isFields(limits) ? checkRequests(at, requests, limits) : []),
  ];
};

const checkEnvironment = (at: string, environment: Fields, rules: StackRules): string[] => {
  const problems = Object.entries(environment).flatMap(([name, value]) => {
    const place = `${at}.${name}`;
    if (!VARIABLE_NAME.test(name)) return [problem(place, name, "must be the name of a variable")];
    return typeof value === "string" && value !== ""
      ? []
      : [problem(place, value, "must be text that is not empty, in quotes")];
  });
  const timeouts = check(TIMEOUTS, environment, at);
  return [...problems, ...(timeouts.length > 0 ? timeouts : checkTimeouts(at, environment, rules))];
};

/** Each must end before whoever waits for it does: who is cut off by another never hears what happened. */
const checkTimeouts = (at: string, environment: Fields, { gatewayTimeoutSeconds }: StackRules): string[] => {
  const seconds = (name: string): number => durationSeconds(String(environment[name])) ?? Number.NaN;
  const exec = seconds("exec_timeout");
  if (Number.isNaN(exec)) return [problem(`${at}.exec_timeout`, environment.exec_timeout, "must be above 0")];
  return ["read_timeout", "write_timeout"].flatMap((name) => {
    const value = seconds(name);
    const written = environment[name];
    if (!(value > exec)) return [problem(`${at}.${name}`, written, `must be above exec_timeout, ${exec}s`)];
    return value < gatewayTimeoutSeconds
      ? []
      : [problem(`${at}.${name}`, written, `must be below the gateway's timeout, ${gatewayTimeoutSeconds}s`)];
  });
};

const checkLabels = (at: string, labels: Fields): string[] => {
  const problems = check(LABELS, labels, at);
  const [least, most] = ["min", "max"].map((end) => Number(labels[`com.openfaas.scale.${end}`]));
  return problems.length > 0 || least <= most
    ? problems
    : [
        problem(
          `${at}.com.openfaas.scale.min`,
          `${least}`,
          `must be at most com.openfaas.scale.max, ${most}`,
        ),
      ];
};

const checkAnnotations = (at: string, annotations: unknown, isCron: boolean): string[] => {
  if (!isFields(annotations)) return [];
  if (!isCron && Object.hasOwn(annotations, "topic")) {
    return [problem(`${at}.topic`, annotations.topic, "is only for functions that the clock starts")];
  }
  return check(isCron ? CRON_ANNOTATIONS : NO_ANNOTATIONS, annotations, at);
};

const checkRequests = (at: string, requests: Fields, limits: Fields): string[] =>
  ["memory", "cpu"].flatMap((resource) => {
    const [request, limit] = [requests[resource], limits[resource]];
    if (typeof request !== "string" || typeof limit !== "string" || fits(request, limit)) return [];
    return [problem(`${at}.requests.${resource}`, request, `must be at most the limit, ${limit}`)];
  });

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const check = (schema: Parameters<typeof checkSchema>[0], value: unknown, at: string): string[] =>
  checkSchema(schema, value, at).map(({ field, rule, value: got }) =>
    problem(field === at ? at : `${at}.${field}`, got, rule),
  );

const problem = (at: string, value: unknown, rule: string): string =>
  `${at.replace(/^stack\.yml\./, "")} ${rule}${value === undefined ? "" : ` (got ${JSON.stringify(value)})`}`;
