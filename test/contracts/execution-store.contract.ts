import { describe, expect, it } from "vitest";
import type { ExecutionRecord, ExecutionStore } from "../../engines/workflow-runner/execution-store.ts";

const record = (name: string, more: Partial<ExecutionRecord> = {}): ExecutionRecord => ({
  executionArn: `arn:aws:states:us-east-1:000000000000:execution:workflow:${name}`,
  stateMachineArn: "arn:aws:states:us-east-1:000000000000:stateMachine:workflow",
  name,
  status: "RUNNING",
  startedMs: 1_795_000_000_000,
  input: '{"n":1}',
  ...more,
});
const ONE = record("one");
const ARN = ONE.executionArn;
const MOVED = record("one", {
  reached: { state: "Wait", input: { n: [1, "ü"] }, enteredMs: 1_795_000_000_001 },
});
const ENDED = record("one", { status: "SUCCEEDED", stoppedMs: 1_795_000_000_002, output: '"done"' });

/** What every store of executions must do. */
export const executionStoreContract = (name: string, makeStore: () => Promise<ExecutionStore>): void => {
  describe(`${name}: executions`, () => {
    it("keeps an execution under its name once", async () => {
      const store = await makeStore();
      expect(await store.get(ARN)).toBeUndefined();
      expect(await store.create(ONE, 0)).toBe(true);
      expect(await store.create(MOVED, 9)).toBe(false);
      expect(await store.get(ARN)).toEqual(ONE);
    });

    it("lists a summary of every execution, however many there are and large they be", async () => {
      const store = await makeStore();
      // Text that does not compress: more than a page of a query, which is 1 MB.
      const input = JSON.stringify(Array.from({ length: 8_000 }, () => Math.random().toString(36).slice(2)));
      const all = Array.from({ length: 30 }, (_, index) => record(`large-${index}`, { input }));
      for (const each of all) await store.create(each, 1);
      const ended = { status: "SUCCEEDED", stoppedMs: 1_795_000_000_002 } as const;
      await store.save({ ...all[0], ...ended, output: '"done"' }, 1);
      const summaries = all.map(({ input: _, ...summary }) => summary);
      const listed = await store.list();
      expect(listed).toHaveLength(all.length);
      expect(listed).toEqual(expect.arrayContaining([{ ...summaries[0], ...ended }, ...summaries.slice(1)]));
    });

    it("saves under the token that claimed it, or a greater one, and refuses smaller ones from then on", async () => {
      const store = await makeStore();
      await store.create(ONE, 0);
      expect(await store.claim(ARN, 3)).toEqual(ONE);
      expect(await store.save(MOVED, 2)).toBe(false);
      expect(await store.claim(ARN, 2)).toBeUndefined();
      expect(await store.get(ARN)).toEqual(ONE);
      expect(await store.save(MOVED, 3)).toBe(true);
      expect(await store.claim(ARN, 3)).toEqual(MOVED);
      expect(await store.save(ONE, 4)).toBe(true);
      expect(await store.save(MOVED, 3)).toBe(false);
      expect(await store.get(ARN)).toEqual(ONE);
    });

    it("changes nothing of an execution that has ended, under any token", async () => {
      const store = await makeStore();
      await store.create(ONE, 1);
      expect(await store.save(ENDED, 1)).toBe(true);
      expect(await store.save(MOVED, 9)).toBe(false);
      expect(await store.claim(ARN, 9)).toBeUndefined();
      expect(await store.end({ ...ENDED, status: "ABORTED" })).toBe(false);
      expect(await store.create(ONE, 9)).toBe(false);
      expect(await store.get(ARN)).toEqual(ENDED);
    });

    it("ends an execution whoever runs it, and knows nothing of one that is not there", async () => {
      const store = await makeStore();
      await store.create(ONE, 7);
      const aborted = record("one", { status: "ABORTED", stoppedMs: 1, cause: "asked to" });
      expect(await store.end(aborted)).toBe(true);
      expect(await store.get(ARN)).toEqual(aborted);
      const none = record("none");
      expect(await store.end(none)).toBe(false);
      expect(await store.save(none, 9)).toBe(false);
      expect(await store.claim(none.executionArn, 9)).toBeUndefined();
      expect(await store.get(none.executionArn)).toBeUndefined();
    });

    it("removes an execution, whose name is free again", async () => {
      const store = await makeStore();
      await store.create(ENDED, 1);
      await store.remove(ARN);
      expect(await store.list()).toEqual([]);
      expect(await store.create(ONE, 0)).toBe(true);
      await store.remove(record("none").executionArn);
    });

    it("tells each announcement once, apart from the executions", async () => {
      const store = await makeStore();
      await store.announce("a");
      await store.announce("b");
      await store.announce("a");
      expect((await store.takeAnnounced()).toSorted()).toEqual(["a", "b"]);
      expect(await store.takeAnnounced()).toEqual([]);
      await store.announce("a");
      expect(await store.takeAnnounced()).toEqual(["a"]);
      expect(await store.list()).toEqual([]);
    });
  });
};
