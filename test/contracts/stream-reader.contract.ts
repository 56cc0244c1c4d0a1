import { describe, expect, it } from "vitest";
import type { Place, StreamReader } from "../../engines/event-source/stream-reader.ts";
import { compareSequenceNumbers } from "../../lib/core/identity/sequence-number.ts";

/** A stream of two partitions, a and b, with nothing in it. */
export interface ReadableStream {
  readonly reader: StreamReader;
  readonly a: string;
  readonly b: string;
  /** Resolves with the sequence number. */
  put(partitionId: string, text: string): Promise<string>;
  /** Ends a partition for good, giving it children. */
  split(partitionId: string): Promise<void>;
  /** Makes whatever the reader keeps of where it is useless, as five minutes of silence do. */
  outwait(): Promise<void>;
}

const textsIn = (records: readonly { readonly data: Uint8Array }[]): string[] =>
  records.map(({ data }) => Buffer.from(data).toString());

/** What every StreamReader does. `make` returns a stream of its own. */
export const streamReaderContract = (name: string, make: () => Promise<ReadableStream>): void => {
  const filled = async () => {
    const stream = await make();
    const numbers: string[] = [];
    for (let index = 0; index < 25; index++) {
      numbers.push(await stream.put(stream.a, `a${index}`));
      if (index % 5 === 0) await stream.put(stream.b, `b${index}`);
    }
    const from = async (place: Place, limit = 100) =>
      textsIn((await stream.reader.read(stream.a, place, limit)).records);
    return { ...stream, numbers, from, texts: numbers.map((_, index) => `a${index}`) };
  };
  const readAll = async ({ reader, a }: ReadableStream, limit: number, begin: Place = "oldest") => {
    const texts: string[] = [];
    let place = begin;
    for (let isDone = false; !isDone; ) {
      const { records, isClosed } = await reader.read(a, place, limit);
      expect(records.length).toBeLessThanOrEqual(limit);
      texts.push(...textsIn(records));
      const last = records.at(-1);
      if (last) place = { after: last.sequenceNumber };
      isDone = isClosed || !last;
    }
    return texts;
  };

  describe(`${name} keeps the contract of StreamReader`, () => {
    it("names its partitions, and when the stream was made", async () => {
      const { reader, a, b } = await make();
      expect(await reader.listPartitions()).toEqual([
        { partitionId: a, parentIds: [] },
        { partitionId: b, parentIds: [] },
      ]);
      expect(await reader.createdAtMs()).toBeGreaterThan(0);
      expect(await reader.createdAtMs()).toBe(await reader.createdAtMs());
    });

    it("reads a partition from its oldest record, in pages of any size, and the others not at all", async () => {
      const stream = await filled();
      for (const limit of [1, 7, 100]) expect(await readAll(stream, limit)).toEqual(stream.texts);
      expect((await stream.reader.read(stream.b, "oldest", 2)).records).toHaveLength(2);
      expect((await stream.reader.read(stream.a, "oldest", 100)).isClosed).toBe(false);
    });

    it("reads on behind any record, forwards, backwards and again", async () => {
      const { numbers, from, texts } = await filled();
      for (const index of [10, 11, 3, 3, 24, 0]) {
        expect(await from({ after: numbers[index] }), `after ${index}`).toEqual(texts.slice(index + 1));
      }
      expect(await from("oldest", 2)).toEqual(["a0", "a1"]);
      expect(await from("oldest", 2)).toEqual(["a0", "a1"]);
    });

    it("gives each record its number, key and time, the numbers rising in the core's order", async () => {
      const { reader, a, numbers } = await filled();
      const { records } = await reader.read(a, "oldest", 100);
      expect(records.map(({ sequenceNumber }) => sequenceNumber)).toEqual(numbers);
      expect([...numbers].sort(compareSequenceNumbers)).toEqual(numbers);
      expect(new Set(records.map(({ partitionKey }) => partitionKey.length > 0))).toEqual(new Set([true]));
      const times = records.map(({ arrivedAtMs }) => arrivedAtMs);
      expect([...times].sort((one, other) => one - other)).toEqual(times);
    });

    it("waits at the end for what comes", async () => {
      const { a, from, numbers, put } = await filled();
      const last = { after: numbers[24] };
      expect(await from(last)).toEqual([]);
      expect(await from(last)).toEqual([]);
      await put(a, "more");
      expect(await from(last)).toEqual(["more"]);
    });

    it("begins with what comes from now on, also when that takes a while", async () => {
      const { a, from, put } = await filled();
      expect(await from("newest")).toEqual([]);
      expect(await from("newest")).toEqual([]);
      const number = await put(a, "later");
      expect(await from("newest")).toEqual(["later"]);
      expect(await from({ after: number })).toEqual([]);
    });

    it("loses its place to nothing", async () => {
      const { from, numbers, outwait, texts } = await filled();
      expect(await from("oldest", 5)).toEqual(texts.slice(0, 5));
      await outwait();
      expect(await from({ after: numbers[4] })).toEqual(texts.slice(5));
    });

    it("closes a partition that was split behind its last record, and names the children's parent", async () => {
      const stream = await filled();
      await stream.split(stream.a);
      expect(await readAll(stream, 10)).toEqual(stream.texts);
      const { records, isClosed } = await stream.reader.read(stream.a, { after: stream.numbers[24] }, 10);
      expect({ records, isClosed }).toEqual({ records: [], isClosed: true });
      const children = (await stream.reader.listPartitions()).filter(({ parentIds }) => parentIds.length > 0);
      expect(children.map(({ parentIds }) => parentIds)).toEqual([[stream.a], [stream.a]]);
      expect((await stream.reader.read(children[0].partitionId, "oldest", 10)).isClosed).toBe(false);
    });
  });
};
