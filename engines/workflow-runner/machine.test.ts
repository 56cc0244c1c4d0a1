import { describe, expect, it } from "vitest";
import type { Invoke } from "../functions/invoke-function.ts";
import { arnOf, functions, statesOf } from "./testing.ts";
import { run, task } from "./testing-machine.ts";

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
    const { result, reached, tookMs } = await run(
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
    // Half a second to the timestamp, less what went before the machine started, and a second.
    expect(tookMs).toBeGreaterThan(1_000);
    expect(tookMs).toBeLessThanOrEqual(1_500);
    expect(reached.map(({ state }) => state)).toEqual(["A", "B", "C", "D"]);
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
    const onReached = () => setImmediate(() => abort.abort());
    const { result } = await run(states, functions({}), {}, { signal: abort.signal, onReached });
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
    const { reached } = await run(states, invoke, { n: 1 });
    expect(reached.map(({ state, input }) => [state, input])).toEqual([
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
    const { result, tookMs } = await run(states, functions({}), {}, { from });
    expect(result.status).toBe("SUCCEEDED");
    // The Wait after it is a new one.
    expect(tookMs).toBe(1_000);

    const timed = { ...states, TimeoutSeconds: 3_000 };
    const late = { from: { ...from, enteredMs: nowMs }, startedMs: nowMs - 3_000_000 };
    expect((await run(timed, functions({}), {}, late)).result.status).toBe("TIMED_OUT");
  });
});
