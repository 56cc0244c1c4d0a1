import { describe, expect, it } from "vitest";
import type { StreamTrigger } from "../../lib/runtime/definition.ts";
import { PerhapsRanError } from "../functions/call-errors.ts";
import { deliverBatch } from "./deliver-batch.ts";
import { delivery, numbersOf, record } from "./testing.ts";

const HUNDRED = Array.from({ length: 100 }, (_, index) => record(index + 1));

const deliver = async (
  records: typeof HUNDRED,
  invoke: Parameters<typeof delivery>[0],
  trigger: Partial<StreamTrigger> = {},
) => {
  const run = delivery(invoke, trigger);
  const settled: string[] = [];
  await deliverBatch(records, run.context, (done) => {
    settled.push(...done.map(({ sequenceNumber }) => sequenceNumber));
  });
  return { ...run, settled };
};

/** The function's process dies whenever the record is in the batch. */
const killedBy = (number: number) => async (_name: string, event: unknown) => {
  if (numbersOf(event).includes(number)) throw new PerhapsRanError("the connection broke", 0);
};

describe("a call that perhaps ran", () => {
  it("spends no retry, however often a gateway flaps", async () => {
    let flaps = 15;
    const { calls, failed, settled } = await deliver(
      [record(1)],
      async () => {
        if (flaps-- > 0) throw new PerhapsRanError("502", 0);
      },
      { maximumRetryAttempts: 0 },
    );
    expect(calls).toHaveLength(16);
    expect(failed).toEqual([]);
    expect(settled).toEqual(["1"]);
  });

  it("leaves a record all its retries for the function's own errors", async () => {
    const answers = ["flap", "fail", "flap", "fail", "flap", "ok"];
    const { failed } = await deliver(
      [record(1)],
      async () => {
        const answer = answers.shift();
        if (answer === "flap") throw new PerhapsRanError("502", 0);
        if (answer === "fail") throw new Error("down");
      },
      { maximumRetryAttempts: 2 },
    );
    expect(answers).toEqual([]);
    expect(failed).toEqual([]);
  });

  it("finds a record that kills its function by splitting, gives up that one, and delivers all others in order", async () => {
    const { calls, failed, settled, slept } = await deliver(HUNDRED, killedBy(37), {
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: 200,
    });
    expect(failed).toHaveLength(1);
    expect(failed[0]).toMatchObject({
      condition: "RetryAttemptsExhausted",
      reason: "PerhapsRanError: the connection broke",
      approximateInvokeCount: 20,
      records: [record(37)],
    });
    expect(settled).toEqual(HUNDRED.map(({ sequenceNumber }) => sequenceNumber));
    // Two calls for each halving, one for each half that is well, and twenty for the record alone.
    expect(calls.length).toBeLessThanOrEqual(2 * 7 + 7 + 20);
    expect(slept.reduce((sum, each) => sum + each)).toBeLessThan(15 * 60_000);
  });

  it("does not wait in step with the lane of a record that kills their function, so a neighbour is not given up", async () => {
    // Two lanes on one clock: whoever calls within a second of a death finds the function dead.
    const values = [0.1, 0.9, 0.7, 0.2, 0.5, 0.05, 0.8, 0.35];
    let [nowMs, deadUntilMs, drawn] = [0, 0, 0];
    const waiting: { readonly atMs: number; readonly wake: () => void }[] = [];
    const lane = (isKilling: boolean) => {
      const run = delivery(async () => {
        if (isKilling) deadUntilMs = nowMs + 1_000;
        if (isKilling || nowMs < deadUntilMs) throw new PerhapsRanError("the connection broke", 0);
      });
      const context = {
        ...run.context,
        random: () => values[drawn++ % values.length],
        sleep: (ms: number) => new Promise<void>((wake) => waiting.push({ atMs: nowMs + ms, wake })),
      };
      return { ...run, done: deliverBatch([record(isKilling ? 1 : 2)], context, () => {}) };
    };
    const [killing, neighbour] = [lane(true), lane(false)];
    const passTime = async (): Promise<void> => {
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve));
        waiting.sort((one, other) => one.atMs - other.atMs);
        const next = waiting.shift();
        if (!next) return;
        nowMs = next.atMs;
        next.wake();
      }
    };
    await passTime();
    await Promise.all([killing.done, neighbour.done]);
    expect(killing.failed).toHaveLength(1);
    expect(neighbour.failed).toEqual([]);
  });

  it("gives a record up sooner where it is told to", async () => {
    const { context, failed } = delivery(killedBy(2), { bisectBatchOnFunctionError: true });
    await deliverBatch([record(1), record(2)], { ...context, maximumUncertainCalls: 4 }, () => {});
    expect(failed).toMatchObject([{ approximateInvokeCount: 4, records: [record(2)] }]);
  });

  it("gives up a whole batch that may not be split, and never what has no limit", async () => {
    const whole = await deliver([record(1), record(2)], killedBy(2));
    expect(whole.failed.map(({ records }) => records)).toEqual([[record(1), record(2)]]);
    let left = 40;
    const forever = await deliver(
      [record(1)],
      async () => {
        if (left-- > 0) throw new PerhapsRanError("502", 0);
      },
      { maximumRetryAttempts: -1 },
    );
    expect(forever.calls).toHaveLength(41);
    expect(Math.max(...forever.slept)).toBe(60_000);
  });

  it("never has a long job run beside a copy of itself", async () => {
    const JOB_MS = 300_000;
    const endsMs: number[] = [];
    const run = delivery(async () => {
      const startMs = run.context.clock();
      expect(endsMs.every((endMs) => endMs <= startMs)).toBe(true);
      endsMs.push(startMs + JOB_MS);
      // The gateway hangs up after a minute.
      await run.context.sleep(60_000);
      if (endsMs.length < 4) throw new PerhapsRanError("504", JOB_MS - 60_000);
    });
    await deliverBatch([record(1)], run.context, () => {});
    expect(endsMs).toHaveLength(4);
  });
});
