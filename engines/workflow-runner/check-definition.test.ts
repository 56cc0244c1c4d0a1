// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of a definition look like that
import { describe, expect, it } from "vitest";
import { checkDefinition } from "./check-definition.ts";
import { type Definition, DefinitionError, parseDefinition, substitutePlaceholders } from "./definition.ts";
import { arnOf, statesOf } from "./testing.ts";

const task = { Type: "Task", Resource: arnOf("play-replay"), End: true };
const check = (states: Record<string, object>, more: object = {}): string[] =>
  checkDefinition({ ...statesOf(states), ...more } as Definition);

describe("checkDefinition", () => {
  it("finds nothing in what can be run as it runs on AWS", () => {
    const inner = statesOf({ Inner: { Type: "Pass", End: true } });
    const problems = check(
      {
        Play: {
          Type: "Task",
          Comment: "plays",
          Resource: arnOf("play-replay:live"),
          Parameters: {
            "id.$": "$.id",
            "name.$": "$$.Execution.Name",
            "text.$": "States.Format('{}', $.id)",
          },
          ResultSelector: { "outcome.$": "$.outcome" },
          ResultPath: "$.result",
          TimeoutSeconds: 900,
          Retry: [{ ErrorEquals: ["States.TaskFailed"], IntervalSeconds: 1, MaxAttempts: 3, BackoffRate: 2 }],
          Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: "Fail" }],
          Next: "Call",
        },
        Call: {
          Type: "Task",
          Resource: "arn:aws:states:::lambda:invoke",
          Parameters: { FunctionName: arnOf("x"), "Payload.$": "$" },
          Next: "Wait",
        },
        Wait: { Type: "Wait", SecondsPath: "$.seconds", Next: "Choose" },
        Choose: {
          Type: "Choice",
          Choices: [
            {
              And: [{ Variable: "$.a", IsPresent: true }, { Not: { Variable: "$.a", NumericLessThan: 3 } }],
              Next: "Each",
            },
          ],
          Default: "Both",
        },
        Each: {
          Type: "Map",
          ItemsPath: "$.items",
          ItemSelector: { "item.$": "$$.Map.Item.Value" },
          MaxConcurrency: 2,
          ItemProcessor: { ProcessorConfig: { Mode: "INLINE" }, ...statesOf({ One: { ...task } }) },
          Next: "Both",
        },
        Both: { Type: "Parallel", Branches: [inner], Next: "Done" },
        Done: { Type: "Succeed" },
        Fail: { Type: "Fail", Error: "Failed", CausePath: "$.error.Cause" },
      },
      { Comment: "all of it", TimeoutSeconds: 3_600, QueryLanguage: "JSONPath" },
    );
    expect(problems).toEqual([]);
  });

  it.each<[string, Record<string, object>, object?]>([
    ["QueryLanguage JSONata", { A: { Type: "Pass", End: true } }, { QueryLanguage: "JSONata" }],
    ["QueryLanguage JSONata", { A: { Type: "Pass", QueryLanguage: "JSONata", End: true } }],
    ["Assign", { A: { Type: "Pass", Assign: { x: 1 }, End: true } }],
    [
      ".sync",
      {
        A: {
          ...task,
          Resource: "arn:aws:states:::states:startExecution.sync:2",
          Parameters: { StateMachineArn: "x" },
        },
      },
    ],
    [".waitForTaskToken", { A: { ...task, Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken" } }],
    ["dynamodb:putItem", { A: { ...task, Resource: "arn:aws:states:::dynamodb:putItem" } }],
    [
      "FunctionName",
      { A: { ...task, Resource: "arn:aws:states:::lambda:invoke", Parameters: { Payload: {} } } },
    ],
    ["HeartbeatSeconds", { A: { ...task, HeartbeatSeconds: 5, TimeoutSeconds: 10 } }],
    ["TimeoutSecondsPath", { A: { ...task, TimeoutSecondsPath: "$.x" } }],
    [
      "ItemBatcher",
      {
        A: {
          Type: "Map",
          ItemBatcher: { MaxItemsPerBatch: 2 },
          ItemProcessor: statesOf({ B: task }),
          End: true,
        },
      },
    ],
    [
      "INLINE",
      {
        A: {
          Type: "Map",
          ItemProcessor: {
            ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
            ...statesOf({ B: task }),
          },
          End: true,
        },
      },
    ],
    [
      "already exists",
      { A: { Type: "Parallel", Branches: [statesOf({ B: task }), statesOf({ B: task })], End: true } },
    ],
    ["24", { A: { Type: "Wait", Seconds: 3_000_000, End: true } }],
    ["$$.Task.Token", { A: { ...task, Parameters: { "token.$": "$$.Task.Token" } } }],
    ["$$.Map.Item", { A: { ...task, Parameters: { "item.$": "$$.Map.Item.Value" } } }],
    ["x.$ is invalid", { A: { ...task, Parameters: { "x.$": "States.Format('{}', States.Magic($.x))" } } }],
    ["Result of false", { A: { Type: "Pass", Result: false, End: true } }],
    ["Output", { A: { ...task, Catch: [{ ErrorEquals: ["States.ALL"], Next: "A", Output: "x" }] } }],
    ["Nowhere", { A: { Type: "Pass", Next: "Nowhere" } }],
    [
      "nested",
      {
        A: {
          Type: "Parallel",
          Branches: [statesOf({ B: { ...task, Resource: "arn:aws:states:::sqs:nested" } })],
          End: true,
        },
      },
    ],
  ])("refuses %s", (word, states, more) => {
    const problems = check(states, more).join("; ");
    expect(problems).toMatch(word === "24" ? /2147483/ : new RegExp(word.replaceAll(/[.$]/g, "\\$&")));
  });
});

describe("substitutePlaceholders", () => {
  it("fills placeholders and names every one that has no value", () => {
    expect(substitutePlaceholders('{"a": "${AArn}", "b": "${AArn}"}', { AArn: "arn:a" })).toBe(
      '{"a": "arn:a", "b": "arn:a"}',
    );
    expect(() => substitutePlaceholders("${A} ${B} ${C}", { B: "b" })).toThrow(
      new DefinitionError(["placeholder ${A} has no value", "placeholder ${C} has no value"]),
    );
  });

  it("refuses a definition that is not a JSON object", () => {
    expect(() => parseDefinition("[]")).toThrow(DefinitionError);
    expect(() => parseDefinition("{")).toThrow(/not JSON/);
  });
});
