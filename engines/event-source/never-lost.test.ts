import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SourceRecord } from "../../hosts/lambda-events/kinesis-event.ts";
import type { StreamTrigger } from "../../lib/runtime/definition.ts";
import { propertyRuns } from "../../test/property-runs.ts";
import { HostUnreachableError } from "../functions/call-errors.ts";
import type { Invoke } from "../functions/invoke-function.ts";
import { memoryCheckpointStore } from "./checkpoint-store.ts";
import { startEventSource } from "./event-source.ts";
import { IteratorExpiredError, type StreamReader } from "./stream-reader.ts";
import { failuresOf, numbersOf, record, STREAM_ARN, TRIGGER, virtualTime } from "./testing.ts";

/*
 * The poller's main promise over random schedules: whatever the function, the stream, the tables and the process do, every
 * record ends up succeeded or given up, none is skipped, and each key's records come in order. Without a crash each is settled exactly
 * once; a crash may repeat what was in flight, from some point on, in order.
 */

const SHARDS = ["shardId-0", "shardId-1", "shardId-2", "shardId-3"];
/** 0 is split into 2 and 3, so the keys of 2 and 3 begin in 0. */
const PARENTS: Record<string, string[]> = { "shardId-2": ["shardId-0"], "shardId-3": ["shardId-0"] };

interface Scenario {
  readonly keys: number[][];
  readonly trigger: Partial<StreamTrigger>;
  readonly poison: number[];
  readonly faults: Fault[];
  readonly crashAfterCalls: number[];
  readonly isReaderFlaky: boolean;
}
type Fault = "none" | "throw" | "throw-late" | "partial" | "nonsense" | "unreachable" | "refuse-destination";

const scenario: fc.Arbitrary<Scenario> = fc.record({
  keys: fc.array(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 40 }), { minLength: 4, maxLength: 4 }),
  trigger: fc.record({
    batchSize: fc.integer({ min: 1, max: 20 }),
    maximumBatchingWindowSeconds: fc.constantFrom(0, 1),
    parallelizationFactor: fc.integer({ min: 1, max: 4 }),
    maximumRetryAttempts: fc.integer({ min: 0, max: 3 }),
    bisectBatchOnFunctionError: fc.boolean(),
  }),
  poison: fc.array(fc.integer({ min: 0, max: 160 }), { maxLength: 6 }),
  faults: fc.array(
    fc.constantFrom<Fault>(
      "none",
      "throw",
      "throw-late",
      "partial",
      "nonsense",
      "unreachable",
      "refuse-destination",
    ),
    { maxLength: 40 },
  ),
  crashAfterCalls: fc.array(fc.integer({ min: 1, max: 15 }), { maxLength: 3 }),
  isReaderFlaky: fc.boolean(),
});

/** Records of four shards, numbered through; a key of shard 0 goes on in 2 or 3. */
const layOut = ({ keys }: Scenario): Map<string, SourceRecord[]> => {
  let number = 0;
  return new Map(
    SHARDS.map((shardId, shard) => [
      shardId,
      keys[shard].map((key) => {
        // Keys 0 to 5; in the children of 0 even ones live in 2 and odd ones in 3; shard 1 has its own.
        const name = shard === 1 ? `one-${key}` : `key-${shard === 0 ? key : key - (key % 2) + (shard - 2)}`;
        return record(number++, name);
      }),
    ]),
  );
};

const readerOf = (shards: Map<string, SourceRecord[]>, isFlaky: boolean): StreamReader => {
  let requests = 0;
  const fault = () => {
    requests++;
    if (isFlaky && requests % 5 === 0) throw new IteratorExpiredError("expired");
    if (isFlaky && requests % 7 === 0) throw new Error("ProvisionedThroughputExceededException");
  };
  return {
    streamArn: STREAM_ARN,
    createdAtMs: async () => 1,
    listShards: async () => {
      fault();
      return SHARDS.map((shardId) => ({ shardId, parentShardIds: PARENTS[shardId] ?? [] }));
    },
    openIterator: async (shardId, after) => {
      fault();
      const records = shards.get(shardId) ?? [];
      return `${shardId} ${records.findIndex(({ sequenceNumber }) => sequenceNumber === after) + 1}`;
    },
    getRecords: async (iterator, limit) => {
      fault();
      // Kinesis gives empty pages in the middle of a shard, too.
      if (isFlaky && requests % 3 === 0) return { records: [], nextIterator: iterator };
      const [shardId, from] = iterator.split(" ");
      const records = shards.get(shardId) ?? [];
      const page = records.slice(Number(from), Number(from) + Math.min(limit, 7));
      const next = Number(from) + page.length;
      return { records: page, nextIterator: next < records.length ? `${shardId} ${next}` : undefined };
    },
  };
};

const play = async (scenario: Scenario) => {
  const shards = layOut(scenario);
  const all = [...shards.values()].flat();
  const keyOf = new Map(
    all.map(({ sequenceNumber, partitionKey }) => [Number(sequenceNumber), partitionKey]),
  );
  const poison = new Set(scenario.poison);
  const faults = [...scenario.faults];
  const crashes = [...scenario.crashAfterCalls];
  const settled = new Set<number>();
  /** Per key, per life of the process: what was settled, in order. */
  const lives: Map<string, number[]>[] = [];
  const checkpoints = memoryCheckpointStore();

  const settle = (numbers: readonly number[]): void => {
    const life = lives[lives.length - 1];
    for (const number of numbers) {
      settled.add(number);
      const key = keyOf.get(number) ?? "";
      life.set(key, [...(life.get(key) ?? []), number]);
    }
  };

  for (let isDone = false; !isDone; ) {
    lives.push(new Map());
    const time = virtualTime();
    let callsLeft = crashes.shift() ?? Number.POSITIVE_INFINITY;
    let refuse = 0;
    let crash = () => {};
    const crashed = new Promise<void>((resolve) => {
      crash = resolve;
    });
    let isDead = false;
    const invoke: Invoke = async (_name, event, signal) => {
      await new Promise((resolve) => setImmediate(resolve));
      if (--callsLeft < 0) {
        isDead = true;
        crash();
      }
      // A dead process does nothing: its calls end only when they are cut.
      if (isDead) await new Promise((_, reject) => signal?.addEventListener("abort", reject));
      const numbers = numbersOf(event);
      const fault = faults.shift() ?? "none";
      if (fault === "refuse-destination") refuse = 2;
      if (fault === "unreachable") throw new HostUnreachableError("away");
      if (fault === "throw") throw new Error("failed");
      if (fault === "nonsense") return failuresOf("nothing of ours");
      const bad = numbers.findIndex((number) => poison.has(number));
      const partialAt = fault === "partial" ? numbers.length >> 1 : numbers.length;
      const failedAt = Math.min(bad === -1 ? numbers.length : bad, partialAt);
      // It fails as a whole and after doing something: nothing may count as settled.
      if (failedAt < numbers.length && numbers[failedAt] % 2 === 0) throw new Error("failed as a whole");
      if (fault === "throw-late") throw new Error("failed at the end");
      settle(numbers.slice(0, failedAt));
      return failedAt < numbers.length ? failuresOf(numbers[failedAt]) : null;
    };
    const source = startEventSource({
      functionName: "f",
      trigger: { ...TRIGGER, ...scenario.trigger },
      reader: readerOf(shards, scenario.isReaderFlaky),
      checkpoints: {
        load: () => checkpoints.load(),
        save: async (...saved) => {
          await new Promise((resolve) => setImmediate(resolve));
          if (!isDead) await checkpoints.save(...saved);
        },
      },
      invoke,
      onFailure: async ({ records }) => {
        if (isDead) throw new Error("dead");
        if (refuse-- > 0) throw new Error("the destination is away");
        settle(records.map(({ sequenceNumber }) => Number(sequenceNumber)));
      },
      ...time,
    });
    const finished = (async () => {
      while (!isDead) {
        await new Promise((resolve) => setImmediate(resolve));
        const saved = await checkpoints.load();
        if (SHARDS.every((shardId) => saved.get(shardId)?.finished)) {
          isDone = true;
          return;
        }
      }
    })();
    await Promise.race([finished, crashed]);
    await source.close(0);
  }
  return { all, settled, lives };
};

describe("event source", () => {
  it("loses nothing and keeps every key's order, whatever fails and whenever it crashes", async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (each) => {
        const { all, settled, lives } = await play(each);
        expect(settled.size).toBe(all.length);
        for (const life of lives) {
          for (const numbers of life.values()) {
            // Rising and never twice within one life of the process.
            expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
          }
        }
        // A later life begins no later than where the former left off: no gap between them.
        const keys = new Set(lives.flatMap((life) => [...life.keys()]));
        for (const key of keys) {
          const due = all
            .filter(({ partitionKey }) => partitionKey === key)
            .map((one) => Number(one.sequenceNumber));
          let reached = 0;
          for (const life of lives) {
            const numbers = life.get(key) ?? [];
            if (numbers.length === 0) continue;
            const from = due.indexOf(numbers[0]);
            expect(from).toBeLessThanOrEqual(reached);
            expect(numbers).toEqual(due.slice(from, from + numbers.length));
            reached = Math.max(reached, from + numbers.length);
          }
        }
      }),
      { numRuns: propertyRuns(200) },
    );
  }, 60_000);
});
