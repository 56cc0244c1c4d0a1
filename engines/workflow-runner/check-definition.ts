import { StateMachine } from "aws-local-stepfunctions";
import {
  type Definition,
  forInterpreter,
  type StateFields,
  type StatesScope,
  scopesIn,
} from "./definition.ts";
import { LAMBDA_FUNCTION, LAMBDA_INVOKE } from "./resource.ts";

/*
 * Refuses definitions that the interpreter would run, and wrongly. It ignores JSONata, ItemBatcher,
 * DISTRIBUTED, `.sync` and `.waitForTaskToken` without a word; a workflow must not behave on a laptop as it
 * never would on AWS. The check is a list of what is known to work: whatever field, resource or context path
 * is not on it, is a problem.
 */

const INPUT_OUTPUT = ["InputPath", "OutputPath"];
const RESULT = ["Parameters", "ResultSelector", "ResultPath"];
const FLOW = ["Next", "End"];
const FAILURE = ["Retry", "Catch"];

const FIELDS: Readonly<Record<string, ReadonlySet<string>>> = {
  Task: new Set([...INPUT_OUTPUT, ...RESULT, ...FLOW, ...FAILURE, "Resource", "TimeoutSeconds"]),
  Wait: new Set([...FLOW, "OutputPath", "Seconds", "SecondsPath", "Timestamp", "TimestampPath"]),
  Choice: new Set([...INPUT_OUTPUT, "Choices", "Default"]),
  Pass: new Set([...INPUT_OUTPUT, ...FLOW, "Parameters", "ResultPath", "Result"]),
  Parallel: new Set([...INPUT_OUTPUT, ...RESULT, ...FLOW, ...FAILURE, "Branches"]),
  Map: new Set([
    ...INPUT_OUTPUT,
    ...RESULT,
    ...FLOW,
    ...FAILURE,
    "ItemProcessor",
    "Iterator",
    "ItemsPath",
    "ItemSelector",
    "MaxConcurrency",
    "MaxConcurrencyPath",
  ]),
  Succeed: new Set(INPUT_OUTPUT),
  Fail: new Set(["Error", "Cause", "ErrorPath", "CausePath"]),
};
const EVERY_STATE = new Set(["Type", "Comment", "QueryLanguage"]);
const TOP_LEVEL = new Set(["Comment", "StartAt", "States", "TimeoutSeconds", "Version", "QueryLanguage"]);
const NESTED = new Set(["Comment", "StartAt", "States", "ProcessorConfig", "QueryLanguage"]);
const RETRIER = new Set([
  "Comment",
  "ErrorEquals",
  "IntervalSeconds",
  "MaxAttempts",
  "BackoffRate",
  "MaxDelaySeconds",
  "JitterStrategy",
]);
const CATCHER = new Set(["Comment", "ErrorEquals", "Next", "ResultPath"]);
/** Of a Choice rule, beside comparisons such as NumericLessThanPath. */
const RULE = new Set(["Comment", "Next", "Variable", "And", "Or", "Not"]);
const COMPARISON =
  /^((Boolean|String|Numeric|Timestamp)Equals(Path)?|(String|Numeric|Timestamp)(Less|Greater)Than(Equals)?(Path)?|StringMatches|Is(Boolean|Null|Numeric|Present|String|Timestamp))$/;

const CONTEXT_PATH =
  /^\$\$\.(Execution(\.(Id|Input|Name|RoleArn|StartTime))?|StateMachine(\.(Id|Name))?)(?=$|[.[])/;
const ITEM_PATH = /^\$\$\.Map\.Item(\.(Index|Value))?(?=$|[.[])/;

/** The longest time that a timer of Node can run: about 24.8 days. A longer one would end at once. */
export const LONGEST_SECONDS = 2_147_483;

/**
 * What is wrong with a definition, as sentences that name the state; empty when it can be run here as it runs
 * on AWS.
 */
export const checkDefinition = (definition: Definition): string[] => {
  try {
    // The interpreter checks the structure itself: missing fields, names used twice, invalid paths and
    // functions.
    new StateMachine(forInterpreter(definition), { validationOptions: { checkArn: false } });
  } catch (error) {
    return [(error as Error).message.replaceAll(/\s*\n\s*/g, " ")];
  }
  const problems: string[] = [];
  checkFields("the definition", definition, TOP_LEVEL, problems);
  checkSeconds("the definition", definition, problems);
  checkScope(definition, problems);
  return problems;
};

const checkScope = ({ States }: StatesScope, problems: string[]): void => {
  for (const [name, state] of Object.entries(States)) {
    const where = `state ${JSON.stringify(name)}`;
    checkState(where, state, problems);
    for (const scope of scopesIn(state)) {
      checkFields(where, scope, NESTED, problems);
      checkScope(scope, problems);
    }
  }
};

const checkState = (where: string, state: StateFields, problems: string[]): void => {
  const allowed = new Set([...EVERY_STATE, ...(FIELDS[String(state.Type)] ?? [])]);
  checkFields(where, state, allowed, problems);
  checkSeconds(where, state, problems);
  for (const each of (state.Retry ?? []) as object[]) checkFields(`${where}, Retry`, each, RETRIER, problems);
  for (const each of (state.Catch ?? []) as object[]) checkFields(`${where}, Catch`, each, CATCHER, problems);
  for (const rule of (state.Choices ?? []) as StateFields[]) checkRule(where, rule, problems);
  if (state.Type === "Task") checkResource(where, state, problems);
  if ("Result" in state && !state.Result) {
    problems.push(`${where}: a Result of ${JSON.stringify(state.Result)} would be ignored`);
  }
  const { Branches, ItemProcessor, Iterator: iterator, ItemSelector, ...own } = state;
  checkPaths(where, state.Type === "Map" ? { ...own, Parameters: undefined } : own, false, problems);
  if (state.Type === "Map") checkPaths(where, { ItemSelector, Parameters: own.Parameters }, true, problems);
};

const checkFields = (
  where: string,
  value: object,
  allowed: ReadonlySet<string>,
  problems: string[],
): void => {
  for (const [field, content] of Object.entries(value)) {
    if (!allowed.has(field)) problems.push(`${where}: ${field} is not supported here`);
    if (field === "QueryLanguage" && content !== "JSONPath") {
      problems.push(`${where}: QueryLanguage ${content} is not supported here`);
    }
    if (field === "ProcessorConfig" && (content as { Mode?: string }).Mode !== "INLINE") {
      problems.push(`${where}: only the INLINE mode of Map is supported here`);
    }
  }
};

const checkSeconds = (where: string, state: object, problems: string[]): void => {
  for (const field of ["TimeoutSeconds", "Seconds"]) {
    const seconds = (state as StateFields)[field];
    if (typeof seconds === "number" && seconds > LONGEST_SECONDS) {
      problems.push(
        `${where}: ${field} is more than ${LONGEST_SECONDS}, the longest time that can be waited here`,
      );
    }
  }
};

const checkRule = (where: string, rule: StateFields, problems: string[]): void => {
  for (const field of Object.keys(rule)) {
    if (!RULE.has(field) && !COMPARISON.test(field)) {
      problems.push(`${where}, Choices: ${field} is not supported here`);
    }
  }
  const nested = [rule.And, rule.Or, rule.Not].flat().filter((each) => each !== undefined);
  for (const each of nested as StateFields[]) checkRule(where, each, problems);
};

const checkResource = (where: string, { Resource, Parameters }: StateFields, problems: string[]): void => {
  const resource = String(Resource);
  if (resource === LAMBDA_INVOKE) {
    const given = Object.keys((Parameters ?? {}) as object).map((key) => key.replace(/\.\$$/, ""));
    if (!given.includes("FunctionName")) problems.push(`${where}: Parameters lack FunctionName`);
  } else if (!LAMBDA_FUNCTION.test(resource)) {
    problems.push(`${where}: resource ${resource} is not supported here`);
  }
};

/** Looks at every value that is a path or a function: fields that end in `Path` or `.$`, and `Variable`. */
const checkPaths = (where: string, value: unknown, hasItem: boolean, problems: string[]): void => {
  if (typeof value !== "object" || value === null) return;
  for (const [field, content] of Object.entries(value)) {
    if (typeof content === "string" && /(Path|\.\$|^Variable)$/.test(field)) {
      checkExpression(where, content, hasItem, problems);
    } else {
      checkPaths(where, content, hasItem, problems);
    }
  }
};

const checkExpression = (where: string, expression: string, hasItem: boolean, problems: string[]): void => {
  const code = expression.replaceAll(/'(\\.|[^'\\])*'/g, "''");
  for (const [path] of code.matchAll(/\$\$[\w.$]*/g)) {
    if (!CONTEXT_PATH.test(path) && !(hasItem && ITEM_PATH.test(path))) {
      problems.push(`${where}: ${path} of the context is not supported here`);
    }
  }
};
