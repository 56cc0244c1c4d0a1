import { describe, expect, it } from "vitest";
import { HostUnreachableError } from "../functions/call-errors.ts";
import { deliverBatch } from "./deliver-batch.ts";
import { delivery, failuresOf, numbersOf, record } from "./testing.ts";

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

const deliver = async (numbers: number[], { context }: ReturnType<typeof delivery>): Promise<number[]> => {
  const settled: number[] = [];
  await deliverBatch(
    numbers.map((number) => record(number)),
    context,
    (records) => {
      settled.push(...records.map(({ sequenceNumber }) => Number(sequenceNumber)));
    },
  );
  return settled;
};

/** Throws when the poison is in the batch. */
const poisonedBy =
  (...poison: number[]) =>
  async (_name: string, event: unknown) => {
    if (numbersOf(event).some((number) => poison.includes(number))) throw new TypeError("poison");
    return null;
  };

describe("deliverBatch", () => {
  it("calls once when all goes well", async () => {
    const run = delivery(async () => ({ batchItemFailures: [] }));
    expect(await deliver([1, 2, 3], run)).toEqual([1, 2, 3]);
    expect(run.calls).toEqual([[1, 2, 3]]);
  });

  it("tries a failing batch again with growing pauses, then gives it up whole and says why", async () => {
    const run = delivery(poisonedBy(2));
    expect(await deliver([1, 2], run)).toEqual([1, 2]);
    expect(run.calls).toHaveLength(3);
    expect(run.slept).toEqual([100, 200]);
    expect(run.failed).toEqual([
      {
        functionName: "track-devices",
        streamArn: run.context.streamArn,
        partitionId: "partitionId-000000000000",
        condition: "RetryAttemptsExhausted",
        reason: "TypeError: poison",
        approximateInvokeCount: 3,
        records: [record(1), record(2)],
      },
    ]);
  });

  it("tries for ever when the limit is -1", async () => {
    let left = 40;
    const run = delivery(
      async () => {
        if (left-- > 0) throw new Error("not yet");
      },
      { maximumRetryAttempts: -1 },
    );
    await deliver([1], run);
    expect(run.calls).toHaveLength(41);
    expect(Math.max(...run.slept)).toBe(30_000);
    expect(run.failed).toEqual([]);
  });

  it("isolates a poison record by bisecting, in few calls, and loses none of its neighbours", async () => {
    const run = delivery(poisonedBy(37), { bisectBatchOnFunctionError: true, maximumRetryAttempts: 0 });
    expect(await deliver(range(1, 100), run)).toEqual(range(1, 100));
    expect(run.failed.map(({ records }) => records)).toEqual([[record(37)]]);
    expect(run.calls.length).toBeLessThanOrEqual(15);
  });

  it("spends no retry on a split: a lone record gets all of them", async () => {
    let failures = 0;
    const run = delivery(
      async (_name, event) => {
        // Fails whenever 5 is in the batch, until it has been tried alone as often as the limit allows.
        const numbers = numbersOf(event);
        if (numbers.includes(5) && (numbers.length > 1 || failures++ < 2)) throw new Error("flaky");
      },
      { bisectBatchOnFunctionError: true, maximumRetryAttempts: 2 },
    );
    expect(await deliver(range(1, 64), run)).toEqual(range(1, 64));
    expect(run.failed).toEqual([]);
  });

  it("goes on from the record that a partial response names", async () => {
    let attempt = 0;
    const run = delivery(async () => (attempt++ === 0 ? failuresOf(3) : null));
    expect(await deliver([1, 2, 3, 4], run)).toEqual([1, 2, 3, 4]);
    expect(run.calls).toEqual([
      [1, 2, 3, 4],
      [3, 4],
    ]);
  });

  it("tries a named record by itself when bisecting, and gives up nothing else", async () => {
    const run = delivery(async (_name, event) => (numbersOf(event).includes(3) ? failuresOf(3) : null), {
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: 1,
    });
    expect(await deliver([1, 2, 3, 4, 5], run)).toEqual([1, 2, 3, 4, 5]);
    expect(run.calls).toEqual([[1, 2, 3, 4, 5], [3], [3], [4, 5]]);
    expect(run.failed.map(({ records }) => records)).toEqual([[record(3)]]);
    expect(run.failed[0].reason).toBe("the function reported record 3 as failed");
  });

  it("counts failures anew when a partial response makes progress", async () => {
    const run = delivery(
      async (_name, event) => {
        const [, second] = numbersOf(event);
        return second ? failuresOf(second) : null;
      },
      { maximumRetryAttempts: 1 },
    );
    await deliver(range(1, 9), run);
    expect(run.failed).toEqual([]);
    expect(run.calls).toHaveLength(9);
  });

  it("takes an answer that makes no sense for a failure of the whole batch", async () => {
    let attempt = 0;
    const run = delivery(async () => (attempt++ === 0 ? failuresOf(99) : null));
    await deliver([1, 2], run);
    expect(run.calls).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it("waits for a host that is away without spending a retry", async () => {
    let away = 50;
    const run = delivery(
      async () => {
        if (away-- > 0) throw new HostUnreachableError("away");
      },
      { maximumRetryAttempts: 0 },
    );
    expect(await deliver([1], run)).toEqual([1]);
    expect(run.failed).toEqual([]);
  });

  it("gives up what is too old, before a call and between calls, and delivers the rest", async () => {
    const run = delivery(
      async () => {
        throw new Error("down");
      },
      { maximumRetryAttempts: -1, maximumRecordAgeSeconds: 60 },
    );
    const settled: string[] = [];
    const nowMs = run.clock();
    await deliverBatch(
      [record(1, "key", nowMs - 60_001), record(2, "key", nowMs - 59_000), record(3, "key", nowMs)],
      run.context,
      (records) => settled.push(...records.map(({ sequenceNumber }) => sequenceNumber)),
    );
    expect(settled).toEqual(["1", "2", "3"]);
    expect(run.calls[0]).toEqual([2, 3]);
    expect(run.calls.at(-1)).toEqual([3]);
    expect(run.failed.map(({ condition }) => condition)).toEqual(Array(3).fill("RecordAgeExceeded"));
    expect(run.failed[0]).toMatchObject({ reason: "older than 60 s", approximateInvokeCount: 0 });
    expect(run.failed[2].reason).toBe("older than 60 s; Error: down");
  });

  it("asks the destination until it has taken the records, and settles them only then", async () => {
    const run = delivery(poisonedBy(1), { maximumRetryAttempts: 0 });
    let refusals = 3;
    const events: string[] = [];
    const onFailure = async () => {
      if (refusals-- > 0) throw new Error("table is away");
      events.push("kept");
    };
    await deliverBatch([record(1)], { ...run.context, onFailure }, () => events.push("settled"));
    expect(events).toEqual(["kept", "settled"]);
  });

  it("leaves the rest unsettled when it is told to stop", async () => {
    const run = delivery(async (_name, event) => {
      run.stopping.abort(new Error("stop"));
      return failuresOf(numbersOf(event)[1]);
    });
    const settled: number[] = [];
    const delivering = deliverBatch([record(1), record(2)], run.context, (records) => {
      settled.push(...records.map(({ sequenceNumber }) => Number(sequenceNumber)));
    });
    await expect(delivering).rejects.toThrow("stop");
    expect(settled).toEqual([1]);
    expect(run.calls).toHaveLength(1);
  });
});
