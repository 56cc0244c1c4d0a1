import { expect, it } from "vitest";
import { simulatedProcess } from "../../test/simulated-process.ts";
import { VirtualTime } from "../../test/virtual-time.ts";
import { memoryLeaseStore } from "../lease/lease-store.ts";
import { endedRecord } from "./execution.ts";
import type { ExecutionRecord } from "./execution-store.ts";
import { memoryExecutionStore } from "./memory-execution-store.ts";
import { CALL, executionArnOf, machineArn } from "./testing.ts";
import { startWorkflowRunner } from "./workflow-runner.ts";

const START_MS = Date.parse("2026-11-20T12:00:00Z");

const recordOf = (name: string): ExecutionRecord => ({
  executionArn: executionArnOf("call", name),
  stateMachineArn: machineArn("call"),
  name,
  status: "RUNNING",
  startedMs: START_MS,
  input: "{}",
});
const endedOf = (name: string, stoppedMs = START_MS): ExecutionRecord =>
  endedRecord(recordOf(name), { status: "ABORTED" }, stoppedMs);

/** One of several processes that may run executions; its only Task goes on until it is cut. */
const setUp = async (maximumFinished?: number) => {
  const time = new VirtualTime(START_MS, { turns: 4 });
  const store = memoryExecutionStore();
  const reads: string[] = [];
  const signals: (AbortSignal | undefined)[] = [];
  const process = simulatedProcess(time, "process", () => 0);
  const open = () =>
    startWorkflowRunner({
      region: "us-east-1",
      account: "000000000000",
      workflows: [{ name: "call", definition: JSON.stringify(CALL) }],
      invoke: async (_name, _event, signal) => {
        signals.push(signal);
        await time.sleep(900_000, signal);
      },
      clock: time.now,
      sleep: time.sleep,
      maximumFinished,
      store: {
        ...store,
        async get(executionArn) {
          reads.push(executionArn);
          return store.get(executionArn);
        },
      },
      sharing: { store: memoryLeaseStore(), owner: process.name, clocks: process.clocks },
    });
  return { time, store, reads, signals, open };
};

it("reads only the executions that run when it takes over, and none again afterwards", async () => {
  const { time, store, reads, open } = await setUp();
  for (let index = 0; index < 20; index++) await store.create(endedOf(`ended-${index}`), 1);
  await store.create(recordOf("one"), 1);
  const runner = open();
  await time.passUntil(START_MS + 60_000);
  expect(reads).toEqual([executionArnOf("call", "one")]);
  await time.run(runner.close());
});

it("cuts an execution that was ended by a process which died before it announced that", async () => {
  const { time, store, signals, open } = await setUp();
  await store.create(recordOf("one"), 1);
  const runner = open();
  await time.passUntil(START_MS + 5_000);
  expect(signals.map((signal) => signal?.aborted)).toEqual([false]);
  await store.end(endedOf("one", START_MS + 5_000));
  await time.passUntil(START_MS + 20_000);
  expect(signals.map((signal) => signal?.aborted)).toEqual([true]);
  await time.run(runner.close());
});

it("removes the oldest of too many finished executions, also of those that others finished", async () => {
  const { time, store, open } = await setUp(2);
  const runner = open();
  for (const [index, name] of ["c", "a", "b"].entries())
    await store.create(endedOf(name, START_MS + index), 1);
  await time.passUntil(START_MS + 20_000);
  expect((await store.list()).map(({ name }) => name)).toEqual(["a", "b"]);
  await time.run(runner.close());
});
