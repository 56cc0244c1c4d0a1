import { describe, expect, it } from "vitest";
import { sleep } from "../../../lib/adapters/sleep.ts";
import { HostUnreachableError, type Invoke } from "../invoke-function.ts";
import type { MachineEvent } from "./events.ts";
import { Machine, type Position, type Run } from "./machine.ts";
import { arnOf, functions, named, statesOf } from "./testing.ts";

const task = (functionName: string, more: object = {}) => ({
  Type: "Task",
  Resource: arnOf(functionName),
  End: true,
  ...more,
});

const run = async (
  definition: object,
  invoke: Invoke,
  input: unknown = {},
  more: Partial<Run> & { clock?: () => number } = {},
) => {
  const { clock = Date.now, ...options } = more;
  const events: MachineEvent[] = [];
  const positions: Position[] = [];
  const result = await new Machine(JSON.stringify(definition), { invoke, clock, sleep }).run({
    input,
    startedMs: clock(),
    context: {
      Execution: { Id: "arn:execution", Name: "e1", RoleArn: "arn:role" },
      StateMachine: { Id: "arn:machine", Name: "m1" },
    },
    signal: new AbortController().signal,
    onEvent: (event) => events.push(event),
    onPosition: (position) => positions.push(position),
    ...options,
  });
  return { result, types: events.map(({ type }) => type), events, positions };
};

describe("Machine: errors of functions", () => {
  const fails = (...errors: string[]) => {
    const calls: unknown[] = [];
    const invoke = functions({
      play: (event) => {
        calls.push(event);
        const error = errors.shift();
        if (error) throw named(error, `no ${error}`);
        return { ok: true };
      },
    });
    return { calls, invoke };
  };

  it("retries by the error's name, and only by that name", async () => {
    const Retry = [
      { ErrorEquals: ["ThrottledError"], IntervalSeconds: 1, MaxAttempts: 2, MaxDelaySeconds: 1 },
    ];
    const { calls, invoke } = fails("ThrottledError");
    const { result } = await run(statesOf({ A: task("play", { Retry }) }), invoke);
    expect(result).toEqual({ status: "SUCCEEDED", output: { ok: true } });
    expect(calls).toHaveLength(2);

    const other = fails("OtherError");
    const failed = await run(statesOf({ A: task("play", { Retry }) }), other.invoke);
    expect(failed.result).toMatchObject({ status: "FAILED", error: "OtherError" });
    expect(other.calls).toHaveLength(1);
  });

  it("catches by the error's name, with the Cause that Step Functions gives for a Lambda function", async () => {
    const { invoke } = fails("RecordingNotFoundError");
    const { result } = await run(
      statesOf({
        A: task("play", {
          Catch: [
            { ErrorEquals: ["OtherError"], Next: "Wrong" },
            { ErrorEquals: ["RecordingNotFoundError"], ResultPath: "$.error", Next: "Right" },
          ],
        }),
        Wrong: { Type: "Fail" },
        Right: {
          Type: "Pass",
          Parameters: {
            "error.$": "$.error.Error",
            "cause.$": "States.StringToJson($.error.Cause)",
            "id.$": "$.id",
          },
          End: true,
        },
      }),
      invoke,
      { id: 7 },
    );
    expect(result).toEqual({
      status: "SUCCEEDED",
      output: {
        error: "RecordingNotFoundError",
        cause: {
          errorType: "RecordingNotFoundError",
          errorMessage: "no RecordingNotFoundError",
          trace: ["at function"],
        },
        id: 7,
      },
    });
  });

  it("matches States.TaskFailed, in a branch and in a Map as well", async () => {
    const Catch = [{ ErrorEquals: ["States.TaskFailed"], Next: "Caught" }];
    const Caught = { Type: "Succeed" };
    for (const state of [
      { Type: "Parallel", Branches: [statesOf({ B: task("play") })], Next: "Caught" },
      { Type: "Map", ItemsPath: "$.items", ItemProcessor: statesOf({ B: task("play") }), Next: "Caught" },
    ]) {
      const { invoke } = fails("AnyError");
      const caught = { ...state, Catch: [{ ErrorEquals: ["AnyError"], Next: "Caught" }] };
      const { result } = await run(statesOf({ A: caught, Caught }), invoke, { items: [1] });
      expect(result).toMatchObject({ status: "SUCCEEDED", output: { Error: "AnyError" } });
    }
    const { invoke } = fails("AnyError");
    expect((await run(statesOf({ A: task("play", { Catch }), Caught }), invoke)).result.status).toBe(
      "SUCCEEDED",
    );
  });

  it("times a state out, and catches that", async () => {
    let isCut = false;
    const invoke = functions({
      play: (_event, signal) =>
        new Promise((_, reject) =>
          signal?.addEventListener("abort", () => {
            isCut = true;
            reject(signal.reason);
          }),
        ),
    });
    const Catch = [{ ErrorEquals: ["States.Timeout"], Next: "Late" }];
    const states = statesOf({ A: task("play", { TimeoutSeconds: 1, Catch }), Late: { Type: "Succeed" } });
    const { result, types } = await run(states, invoke);
    expect(result).toMatchObject({ status: "SUCCEEDED", output: { Error: "States.Timeout" } });
    expect(types).toContain("LambdaFunctionTimedOut");
    expect(isCut).toBe(true);

    const whole = await run({ ...statesOf({ A: task("play") }), TimeoutSeconds: 1 }, invoke);
    expect(whole.result).toEqual({ status: "TIMED_OUT" });
  });

  it("waits for a host that is away, and ends waiting when the state is over", async () => {
    let away = 2;
    const invoke: Invoke = async () => {
      if (away-- > 0) throw new HostUnreachableError("away");
      return "there";
    };
    expect((await run(statesOf({ A: task("play") }), invoke)).result).toEqual({
      status: "SUCCEEDED",
      output: "there",
    });
    away = Number.POSITIVE_INFINITY;
    const { result } = await run(statesOf({ A: task("play", { TimeoutSeconds: 1 }) }), invoke);
    expect(result).toMatchObject({ status: "FAILED", error: "States.Timeout" });
  });

  it("fails when a result is larger than Step Functions takes, and nothing catches it", async () => {
    const invoke = functions({ play: () => "x".repeat(262_143) });
    const Catch = [{ ErrorEquals: ["States.ALL"], Next: "A" }];
    const { result } = await run(statesOf({ A: task("play", { Catch }) }), invoke);
    expect(result).toMatchObject({ status: "FAILED", error: "States.DataLimitExceeded" });
  });

  it("ends with the error of a Fail state, and says which mistake a workflow makes", async () => {
    const fail = (more: object) => run(statesOf({ A: { Type: "Fail", ...more } }), functions({}));
    expect((await fail({ Error: "Mine", Cause: "because" })).result).toEqual({
      status: "FAILED",
      error: "Mine",
      cause: "because",
    });
    expect((await fail({})).result).toEqual({ status: "FAILED" });
    const missing = await run(
      statesOf({ A: { Type: "Pass", InputPath: "$.none", End: true } }),
      functions({}),
    );
    expect(missing.result).toMatchObject({ status: "FAILED", error: "States.Runtime" });
  });
});

describe("Machine: what the interpreter would get wrong", () => {
  it("gives the execution's context everywhere, and a Map's item", async () => {
    const invoke = functions({ echo: (event) => event });
    const Parameters = {
      "name.$": "$$.Execution.Name",
      "id.$": "$$.Execution.Input.id",
      "machine.$": "$$.StateMachine.Name",
    };
    const { result } = await run(
      statesOf({
        A: {
          Type: "Map",
          ItemsPath: "$.items",
          ItemSelector: { "item.$": "$$.Map.Item.Value", "index.$": "$$.Map.Item.Index" },
          ItemProcessor: statesOf({
            B: task("echo", { Parameters: { ...Parameters, "item.$": "$.item" } }),
          }),
          End: true,
        },
      }),
      invoke,
      { id: 5, items: ["a", "b"] },
    );
    expect(result).toEqual({
      status: "SUCCEEDED",
      output: ["a", "b"].map((item) => ({ name: "e1", id: 5, machine: "m1", item })),
    });
  });

  it("routes Tasks in branches, and by the optimised integration", async () => {
    const invoke = functions({ one: (event) => [1, event], two: (event) => [2, event] });
    const { result } = await run(
      statesOf({
        A: {
          Type: "Parallel",
          Branches: [
            statesOf({ One: task("one") }),
            statesOf({
              Two: {
                Type: "Task",
                Resource: "arn:aws:states:::lambda:invoke",
                Parameters: { FunctionName: arnOf("two:live"), "Payload.$": "$" },
                ResultSelector: { "got.$": "$.Payload" },
                End: true,
              },
            }),
          ],
          End: true,
        },
      }),
      invoke,
      "in",
    );
    expect(result).toEqual({ status: "SUCCEEDED", output: [[1, "in"], { got: [2, "in"] }] });
  });

  it("waits for seconds and timestamps, given or from the input, and hands on what it got", async () => {
    const inHalfASecond = new Date(Date.now() + 500).toISOString();
    const startedMs = Date.now();
    const { result, types } = await run(
      statesOf({
        A: { Type: "Wait", TimestampPath: "$.at", Next: "B" },
        B: { Type: "Wait", Seconds: 1, Next: "C" },
        C: { Type: "Wait", SecondsPath: "$.seconds", Next: "D" },
        D: { Type: "Wait", Timestamp: "2020-01-01T00:00:00Z", End: true },
      }),
      functions({}),
      { at: inHalfASecond, seconds: 0 },
    );
    expect(result).toEqual({ status: "SUCCEEDED", output: { at: inHalfASecond, seconds: 0 } });
    expect(Date.now() - startedMs).toBeGreaterThanOrEqual(1_490);
    expect(types.slice(0, 2)).toEqual(["WaitStateEntered", "WaitStateExited"]);
  });

  it.each([[{ seconds: "5" }], [{ seconds: 1.5 }], [{ seconds: -1 }]])(
    "refuses to wait for %j",
    async (input) => {
      const { result } = await run(
        statesOf({ A: { Type: "Wait", SecondsPath: "$.seconds", End: true } }),
        functions({}),
        input,
      );
      expect(result).toMatchObject({ status: "FAILED", error: "States.Runtime" });
    },
  );
});

describe("Machine: ending early and going on", () => {
  it("ends a Wait at once when it is aborted", async () => {
    const abort = new AbortController();
    const states = statesOf({ A: { Type: "Wait", Seconds: 3_600, Next: "B" }, B: task("never") });
    const onPosition = () => setImmediate(() => abort.abort());
    const { result } = await run(states, functions({}), {}, { signal: abort.signal, onPosition });
    expect(result).toEqual({ status: "ABORTED" });
  });

  it("cuts a call in flight, retries nothing and enters no further state", async () => {
    const abort = new AbortController();
    let calls = 0;
    const invoke: Invoke = (_name, _event, signal) => {
      calls++;
      setImmediate(() => abort.abort());
      return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
    };
    const more = {
      End: undefined,
      Next: "B",
      Retry: [{ ErrorEquals: ["States.ALL"], MaxAttempts: 5 }],
      Catch: [{ ErrorEquals: ["States.ALL"], Next: "B" }],
    };
    const states = statesOf({ A: task("play", more), B: task("play") });
    expect((await run(states, invoke, {}, { signal: abort.signal })).result.status).toBe("ABORTED");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(calls).toBe(1);
  });

  it("tells each state that it enters on the top level, and goes on from one", async () => {
    const calls: unknown[] = [];
    const invoke = functions({ play: (event) => calls.push(event) && event });
    const states = statesOf({
      A: task("play", { End: undefined, Next: "B" }),
      B: { Type: "Parallel", Branches: [statesOf({ Inner: task("play") })], Next: "C" },
      C: task("play", { Parameters: { "from.$": "$[0].n", "first.$": "$$.Execution.Input.n" } }),
    });
    const { positions } = await run(states, invoke, { n: 1 });
    expect(positions.map(({ state, input }) => [state, input])).toEqual([
      ["A", { n: 1 }],
      ["B", { n: 1 }],
      ["C", [{ n: 1 }]],
    ]);

    calls.length = 0;
    const from = { state: "C", input: [{ n: 9 }], enteredMs: Date.now() };
    await run(states, invoke, { n: 1 }, { from });
    expect(calls).toEqual([{ from: 9, first: 1 }]);

    calls.length = 0;
    await run(states, invoke, { n: 1 }, { from: { ...from, state: "Gone" } });
    expect(calls).toHaveLength(3);
  });

  it("waits only for what is left of a Wait that it goes on with, and of the machine's own time", async () => {
    const states = statesOf({
      A: { Type: "Wait", Seconds: 3_600, Next: "B" },
      B: { Type: "Wait", Seconds: 1, End: true },
    });
    const nowMs = Date.now();
    const from = { state: "A", input: {}, enteredMs: nowMs - 3_600_000 };
    const { result } = await run(states, functions({}), {}, { from });
    expect(result.status).toBe("SUCCEEDED");
    // The Wait after it is a new one.
    expect(Date.now() - nowMs).toBeGreaterThanOrEqual(1_000);

    const timed = { ...states, TimeoutSeconds: 3_000 };
    const late = { from: { ...from, enteredMs: nowMs }, startedMs: nowMs - 3_000_000 };
    expect((await run(timed, functions({}), {}, late)).result.status).toBe("TIMED_OUT");
  });
});
