import { ExecutionAlreadyExists, ExecutionDoesNotExist } from "@aws-sdk/client-sfn";
import { afterEach, describe, expect, it } from "vitest";
import type { ExecutionStore } from "./execution-store.ts";
import { memoryExecutionStore } from "./memory-execution-store.ts";
import {
  arnOf,
  begin,
  CALL,
  closeAll,
  executionArnOf,
  functions,
  look,
  open,
  statesOf,
  WAIT,
  watched,
} from "./testing.ts";

afterEach(closeAll);

describe("Step Functions API: what outlives a process", () => {
  const LOOP = statesOf({
    First: { Type: "Task", Resource: arnOf("first"), Next: "Wait" },
    Wait: { Type: "Wait", Seconds: 3_600, Next: "Second" },
    Second: { Type: "Task", Resource: arnOf("second"), End: true },
  });

  it("goes on after a restart in the state where it was, and waits only for what is left", async () => {
    const store = watched(memoryExecutionStore());
    const calls: string[] = [];
    const invoke = functions({
      first: (event) => calls.push("first") && event,
      second: (event) => calls.push("second") && event,
    });
    const first = await open({ loop: LOOP }, { invoke, store });
    const { startDate } = await begin(first.client, "loop", "one", { n: 1 });
    await store.until(executionArnOf("loop", "one"), ({ reached }) => reached?.state === "Wait");
    await first.server.close();
    expect((await store.list())[0].status).toBe("RUNNING");

    // Begun again from zero, the Wait would take an hour.
    const anHourLater = () => Date.now() + 3_600_000;
    const second = await open({ loop: LOOP }, { invoke, store, clock: anHourLater });
    const described = await second.ended("loop", "one");
    expect(described).toMatchObject({ status: "SUCCEEDED", input: '{"n":1}', output: '{"n":1}' });
    expect(described.startDate).toEqual(startDate);
    expect(calls).toEqual(["first", "second"]);

    await second.server.close();
    const third = await open({ loop: LOOP }, { invoke, store });
    await expect(begin(third.client, "loop", "one", { n: 1 })).rejects.toBeInstanceOf(ExecutionAlreadyExists);
    expect((await look(third.client, "loop", "one")).stopDate).toEqual(described.stopDate);
  });

  it("does the work again in which the process ended", async () => {
    const store = watched(memoryExecutionStore());
    const called = Promise.withResolvers<void>();
    let calls = 0;
    const invoke = functions({
      f: (_event, signal) => {
        if (++calls > 1) return "done";
        called.resolve();
        return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
      },
    });
    const first = await open({ call: CALL }, { invoke, store });
    await begin(first.client, "call", "one");
    await called.promise;
    await first.server.close();
    const second = await open({ call: CALL }, { invoke, store });
    expect(await second.ended("call", "one")).toMatchObject({ status: "SUCCEEDED", output: '"done"' });
  });

  it("does not take an execution that it can't keep", async () => {
    const kept = memoryExecutionStore();
    let isAway = true;
    const create: ExecutionStore["create"] = async (record, token) => {
      if (isAway) throw new Error("the table is away");
      return kept.create(record, token);
    };
    const store = watched({ ...kept, create });
    const { client, ended } = await open({ call: CALL }, { invoke: functions({ f: () => 1 }), store });
    client.config.maxAttempts = async () => 1;
    await expect(begin(client, "call", "one")).rejects.toMatchObject({ name: "InternalFailure" });
    await expect(look(client, "call", "one")).rejects.toBeInstanceOf(ExecutionDoesNotExist);
    isAway = false;
    await begin(client, "call", "one");
    expect((await ended("call", "one")).status).toBe("SUCCEEDED");
  });

  it("ends executions whose state machine is gone, and forgets old ones in the store too", async () => {
    const store = watched(memoryExecutionStore());
    const invoke = functions({ f: () => 1 });
    const first = await open({ wait: WAIT }, { store });
    await begin(first.client, "wait", "one");
    await first.server.close();
    const second = await open({ wait: WAIT, call: CALL }, { store, invoke });
    expect((await look(second.client, "wait", "one")).status).toBe("RUNNING");
    await second.server.close();
    const third = await open({ call: CALL }, { store, invoke, maximumFinished: 1 });
    expect((await third.ended("wait", "one")).status).toBe("ABORTED");
    await begin(third.client, "call", "two");
    await store.untilRemoved(executionArnOf("wait", "one"));
    expect((await store.list()).map(({ name, status }) => [name, status])).toEqual([["two", "SUCCEEDED"]]);
  });
});
