// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of a definition look like that
import {
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  InvalidToken,
  ListExecutionsCommand,
  paginateListExecutions,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { afterEach, describe, expect, it } from "vitest";
import { memoryExecutionStore } from "./memory-execution-store.ts";
import {
  arnOf,
  begin,
  CALL,
  closeAll,
  executionArnOf,
  functions,
  look,
  machineArn,
  named,
  open,
  start,
  statesOf,
  WAIT,
  watched,
} from "./testing.ts";

afterEach(closeAll);

describe("Step Functions API, to the unmodified SDK client", () => {
  it("runs an execution and describes it", async () => {
    const invoke = functions({ f: ({ n }: { n: number }) => ({ n: n + 1 }) });
    const { client, ended } = await open({ call: CALL }, { invoke });
    const started = await begin(client, "call", "one", { n: 1 });
    expect(started.executionArn).toBe(executionArnOf("call", "one"));
    expect(started.startDate?.getTime()).toBeGreaterThan(Date.now() - 10_000);
    const described = await ended("call", "one");
    expect(described).toMatchObject({
      executionArn: started.executionArn,
      stateMachineArn: machineArn("call"),
      name: "one",
      status: "SUCCEEDED",
      startDate: started.startDate,
      input: '{"n":1}',
      output: '{"n":2}',
    });
    expect(described.stopDate?.getTime()).toBeGreaterThanOrEqual(described.startDate?.getTime() ?? 0);
  });

  it("tells a failure with the function's error", async () => {
    const invoke = functions({
      f: () => {
        throw named("RecordingNotFoundError", "no r1");
      },
    });
    const { client, ended } = await open({ call: CALL }, { invoke });
    await begin(client, "call", "one", {});
    const { status, error, cause } = await ended("call", "one");
    expect([status, error]).toEqual(["FAILED", "RecordingNotFoundError"]);
    expect(JSON.parse(cause ?? "")).toMatchObject({
      errorType: "RecordingNotFoundError",
      errorMessage: "no r1",
    });
  });

  it("takes the same name with the same input for the same request while it runs, and only then", async () => {
    const { client } = await open({ wait: WAIT });
    const [first, second] = await Promise.all([begin(client, "wait", "one"), begin(client, "wait", "one")]);
    expect(second.executionArn).toBe(first.executionArn);
    expect(second.startDate).toEqual(first.startDate);
    await expect(begin(client, "wait", "one", { seconds: 61 })).rejects.toBeInstanceOf(
      ExecutionAlreadyExists,
    );
    await client.send(new StopExecutionCommand({ executionArn: first.executionArn }));
    await expect(begin(client, "wait", "one")).rejects.toBeInstanceOf(ExecutionAlreadyExists);
  });

  it("gives an execution without a name one of its own", async () => {
    const { client } = await open({ wait: WAIT });
    const [first, second] = await Promise.all([begin(client, "wait"), begin(client, "wait")]);
    expect(first.executionArn).not.toBe(second.executionArn);
  });

  it("stops an execution in the middle of a Wait", async () => {
    const { client } = await open({ wait: WAIT });
    const { executionArn } = await begin(client, "wait", "one");
    const { stopDate } = await client.send(
      new StopExecutionCommand({ executionArn, error: "Enough", cause: "asked to" }),
    );
    expect(await look(client, "wait", "one")).toMatchObject({
      status: "ABORTED",
      stopDate,
      error: "Enough",
      cause: "asked to",
    });
    const again = await client.send(new StopExecutionCommand({ executionArn }));
    expect(again.stopDate).toEqual(stopDate);
  });

  it("lists executions newest first, by status and in pages", async () => {
    let nowMs = Date.parse("2026-11-20T12:00:00Z");
    const { client } = await open({ wait: WAIT, other: WAIT }, { clock: () => nowMs++ });
    // Each at a time of its own: executions of one millisecond are listed by name.
    for (const name of ["a", "b", "c", "d", "e"]) await begin(client, "wait", name);
    await begin(client, "other", "z");
    await client.send(new StopExecutionCommand({ executionArn: executionArnOf("wait", "c") }));
    const stateMachineArn = machineArn("wait");
    const names: (string | undefined)[][] = [];
    for await (const page of paginateListExecutions({ client, pageSize: 2 }, { stateMachineArn })) {
      names.push((page.executions ?? []).map(({ name }) => name));
    }
    expect(names).toEqual([["e", "d"], ["c", "b"], ["a"]]);
    const stopped = await client.send(
      new ListExecutionsCommand({ stateMachineArn, statusFilter: "ABORTED" }),
    );
    expect(stopped.executions?.map(({ name }) => name)).toEqual(["c"]);
    const bad = client.send(new ListExecutionsCommand({ stateMachineArn, nextToken: "bm90aGluZw" }));
    await expect(bad).rejects.toBeInstanceOf(InvalidToken);
  });

  it("tells an execution whose own time is over", async () => {
    const store = watched(memoryExecutionStore());
    const anHourAgoMs = Date.now() - 3_600_000;
    const record = {
      executionArn: executionArnOf("timed", "one"),
      stateMachineArn: machineArn("timed"),
      name: "one",
      status: "RUNNING" as const,
      startedMs: anHourAgoMs,
      input: '{"seconds":7200}',
      reached: { state: "Wait", input: { seconds: 7_200 }, enteredMs: anHourAgoMs },
    };
    await store.create(record, 0);
    const { ended } = await open({ timed: { ...WAIT, TimeoutSeconds: 3_600 } }, { store });
    expect(await ended("timed", "one")).toMatchObject({
      status: "TIMED_OUT",
      error: "States.Timeout",
    });
  });

  it("fills placeholders, and does not start with one that is empty", async () => {
    const replay = statesOf({ A: { Type: "Task", Resource: "${PlayReplayFunctionArn}", End: true } });
    const invoke = functions({ "play-replay": () => "played" });
    await expect(start({ replay }, { invoke })).rejects.toThrow(
      "workflow replay: placeholder ${PlayReplayFunctionArn} has no value",
    );
    const placeholders = { PlayReplayFunctionArn: arnOf("play-replay") };
    const { client, ended } = await open({ replay }, { invoke, placeholders });
    await begin(client, "replay", "one");
    expect(await ended("replay", "one")).toMatchObject({ output: '"played"' });
  });

  it("remembers a bounded number of finished executions", async () => {
    const invoke = functions({ f: () => 1 });
    const { client, ended, store } = await open({ call: CALL }, { invoke, maximumFinished: 2 });
    for (const name of ["a", "b", "c"]) {
      await begin(client, "call", name);
      await ended("call", name);
    }
    await store.untilRemoved(executionArnOf("call", "a"));
    await expect(look(client, "call", "a")).rejects.toBeInstanceOf(ExecutionDoesNotExist);
    expect((await look(client, "call", "b")).status).toBe("SUCCEEDED");
  });
});
