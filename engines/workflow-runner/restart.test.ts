import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ExecutionAlreadyExists, ExecutionDoesNotExist } from "@aws-sdk/client-sfn";
import { afterEach, describe, expect, it } from "vitest";
import { startDynamodb } from "../../infra/local/dynamodb/server.ts";
import { createTable } from "../../infra/local/resources.ts";
import { dynamodbExecutionStore, EXECUTION_TABLE } from "./dynamodb-execution-store.ts";
import type { ExecutionStore } from "./execution-store.ts";
import {
  arnOf,
  begin,
  CALL,
  closeAll,
  closers,
  ended,
  functions,
  look,
  open,
  statesOf,
  WAIT,
} from "./testing.ts";

afterEach(closeAll);

describe("Step Functions API with a store", () => {
  const openStore = async (): Promise<ExecutionStore> => {
    const dynamodb = await startDynamodb();
    const client = new DynamoDBClient({
      endpoint: dynamodb.endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    });
    closers.push(dynamodb.close, () => client.destroy());
    await createTable(client, "executions", EXECUTION_TABLE);
    return dynamodbExecutionStore(client, "executions");
  };

  const LOOP = statesOf({
    First: { Type: "Task", Resource: arnOf("first"), Next: "Wait" },
    Wait: { Type: "Wait", Seconds: 3_600, Next: "Second" },
    Second: { Type: "Task", Resource: arnOf("second"), End: true },
  });

  it("goes on after a restart in the state where it was, and waits only for what is left", async () => {
    const store = await openStore();
    const calls: string[] = [];
    const invoke = functions({
      first: (event) => calls.push("first") && event,
      second: (event) => calls.push("second") && event,
    });
    const first = await open({ loop: LOOP }, { invoke, store });
    const { startDate } = await begin(first.client, "loop", "one", { n: 1 });
    await expect.poll(async () => (await store.load())[0]?.position?.state, { timeout: 5_000 }).toBe("Wait");
    await first.server.close();
    expect((await store.load())[0].status).toBe("RUNNING");

    // Begun again from zero, the Wait would take an hour.
    const anHourLater = () => Date.now() + 3_600_000;
    const second = await open({ loop: LOOP }, { invoke, store, clock: anHourLater });
    const described = await ended(second.client, "loop", "one");
    expect(described).toMatchObject({ status: "SUCCEEDED", input: '{"n":1}', output: '{"n":1}' });
    expect(described.startDate).toEqual(startDate);
    expect(calls).toEqual(["first", "second"]);

    await second.server.close();
    const third = await open({ loop: LOOP }, { invoke, store });
    expect(await look(third.client, "loop", "one")).toMatchObject({ status: "SUCCEEDED", output: '{"n":1}' });
    await expect(begin(third.client, "loop", "one", { n: 1 })).rejects.toBeInstanceOf(ExecutionAlreadyExists);
    expect(calls).toHaveLength(2);
  });

  it("does the work again that was cut in the middle", async () => {
    const store = await openStore();
    let calls = 0;
    const invoke = functions({
      f: (_event, signal) => {
        if (++calls > 1) return "done";
        return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
      },
    });
    const first = await open({ call: CALL }, { invoke, store });
    await begin(first.client, "call", "one");
    await expect.poll(() => calls).toBe(1);
    await first.server.close();
    const second = await open({ call: CALL }, { invoke, store });
    expect(await ended(second.client, "call", "one")).toMatchObject({
      status: "SUCCEEDED",
      output: '"done"',
    });
  });

  it("does not take an execution that it can't keep", async () => {
    const store = await openStore();
    let isAway = true;
    const save: ExecutionStore["save"] = async (record) => {
      if (isAway) throw new Error("the table is away");
      await store.save(record);
    };
    const { client } = await open(
      { call: CALL },
      { invoke: functions({ f: () => 1 }), store: { ...store, save } },
    );
    client.config.maxAttempts = async () => 1;
    await expect(begin(client, "call", "one")).rejects.toMatchObject({ name: "InternalFailure" });
    await expect(look(client, "call", "one")).rejects.toBeInstanceOf(ExecutionDoesNotExist);
    isAway = false;
    await begin(client, "call", "one");
    expect((await ended(client, "call", "one")).status).toBe("SUCCEEDED");
  });

  it("ends executions whose state machine is gone, and forgets old ones in the store too", async () => {
    const store = await openStore();
    const first = await open({ wait: WAIT }, { store });
    await begin(first.client, "wait", "one");
    await first.server.close();
    const second = await open({ wait: WAIT, call: CALL }, { store, invoke: functions({ f: () => 1 }) });
    expect((await look(second.client, "wait", "one")).status).toBe("RUNNING");
    await second.server.close();
    const third = await open(
      { call: CALL },
      { store, invoke: functions({ f: () => 1 }), maximumFinished: 1 },
    );
    expect((await look(third.client, "wait", "one")).status).toBe("ABORTED");
    await begin(third.client, "call", "two");
    await expect
      .poll(async () => (await store.load()).map(({ name, status }) => [name, status]))
      .toEqual([["two", "SUCCEEDED"]]);
  });
});
