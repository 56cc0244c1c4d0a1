import { expect, it } from "vitest";
import { VirtualTime } from "../../test/virtual-time.ts";
import type { ExecutionStore } from "./execution-store.ts";
import { memoryExecutionStore } from "./memory-execution-store.ts";
import { CALL, executionArnOf, machineArn } from "./testing.ts";
import { startWorkflowRunner } from "./workflow-runner.ts";

const ARN = executionArnOf("call", "one");

/** An execution whose only Task goes on until it is cut. */
const atWork = async (end: (store: ExecutionStore) => ExecutionStore["end"]) => {
  const time = new VirtualTime("2026-11-20T12:00:00Z", { turns: 4 });
  const store = memoryExecutionStore();
  const signals: (AbortSignal | undefined)[] = [];
  const runner = startWorkflowRunner({
    region: "us-east-1",
    account: "000000000000",
    workflows: [{ name: "call", definition: JSON.stringify(CALL) }],
    invoke: async (_name, _event, signal) => {
      signals.push(signal);
      await time.sleep(900_000, signal);
    },
    clock: time.now,
    sleep: time.sleep,
    store: { ...store, end: end(store) },
  });
  await time.settled();
  await runner.executions.start(machineArn("call"), "one", "{}");
  await time.settled();
  expect(signals.map((signal) => signal?.aborted)).toEqual([false]);
  const isCut = async (): Promise<boolean | undefined> => {
    await time.settled();
    return signals[0]?.aborted;
  };
  return { executions: runner.executions, isCut, close: () => time.run(runner.close()) };
};

it("cuts the work of an execution whose end was kept, and refused when the client repeated it", async () => {
  const { executions, isCut, close } = await atWork((store) => async (record) => {
    await store.end(record);
    return store.end(record);
  });
  expect(await executions.stop(ARN, { cause: "enough" })).toMatchObject({
    status: "ABORTED",
    cause: "enough",
  });
  expect(await isCut()).toBe(true);
  await close();
});

it("cuts the work when it is stopped once more after an answer that was lost", async () => {
  const { executions, isCut, close } = await atWork((store) => async (record) => {
    await store.end(record);
    throw new Error("the answer was lost");
  });
  await expect(executions.stop(ARN, {})).rejects.toThrow("lost");
  expect(await isCut()).toBe(false);
  expect(await executions.stop(ARN, { cause: "other" })).toMatchObject({ status: "ABORTED" });
  expect(await isCut()).toBe(true);
  await close();
});
