import { describe, expect, it } from "vitest";
import { HostUnreachableError } from "../functions/call-errors.ts";
import type { Invoke } from "../functions/invoke-function.ts";
import { functions, named, statesOf } from "./testing.ts";
import { run, task } from "./testing-machine.ts";

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
    const { result, reached } = await run(states, invoke);
    expect(result).toMatchObject({ status: "SUCCEEDED", output: { Error: "States.Timeout" } });
    expect(reached.map(({ state }) => state)).toEqual(["A", "Late"]);
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
