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
  /** Makes whatever the reader keeps of where it is useless, as five minutes of silence do. */
  outwait(): Promise<void>;
}

/** One whose partitions can be split. */
export interface SplittableStream extends ReadableStream {
  /** Ends a partition for good, giving it children. */
  split(partitionId: string): Promise<void>;
}

const textsIn = (records: readonly { readonly data: Uint8Array }[]): string[] =>
  records.map(({ data }) => Buffer.from(data).toString());

const textsFrom = async ({ reader, a }: ReadableStream, place: Place, limit = 100): Promise<string[]> =>
  textsIn((await reader.read(a, place, limit)).records);

/** 25 records in a, and a few in b. */
const fill = async (stream: ReadableStream) => {
  const numbers: string[] = [];
  for (let index = 0; index < 25; index++) {
    numbers.push(await stream.put(stream.a, `a${index}`));
    if (index % 5 === 0) await stream.put(stream.b, `b${index}`);
  }
  return { numbers, texts: numbers.map((_, index) => `a${index}`) };
};

const readAll = async ({ reader, a }: ReadableStream, limit: number): Promise<string[]> => {
  const texts: string[] = [];
  let place: Place = "oldest";
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

/** What every StreamReader does. `make` returns a stream of its own. */
export const streamReaderContract = (name: string, make: () => Promise<ReadableStream>): void => {
  const filled = async () => {
    const stream = await make();
    const from = (place: Place, limit?: number) => textsFrom(stream, place, limit);
    return { ...stream, ...(await fill(stream)), from };
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
  });
};

/** What the reader of a stream does besides, whose partitions can be split. */
export const splitStreamContract = (name: string, make: () => Promise<SplittableStream>): void => {
  describe(`${name} keeps the contract of StreamReader for partitions that split`, () => {
    it("closes a partition that was split behind its last record, and names the children's parent", async () => {
      const stream = await make();
      const { numbers, texts } = await fill(stream);
      await stream.split(stream.a);
      expect(await readAll(stream, 10)).toEqual(texts);
      const { records, isClosed } = await stream.reader.read(stream.a, { after: numbers[24] }, 10);
      expect({ records, isClosed }).toEqual({ records: [], isClosed: true });
      const children = (await stream.reader.listPartitions()).filter(({ parentIds }) => parentIds.length > 0);
      expect(children.map(({ parentIds }) => parentIds)).toEqual([[stream.a], [stream.a]]);
      expect((await stream.reader.read(children[0].partitionId, "oldest", 10)).isClosed).toBe(false);
    });
  });
};

/** Nothing in these tests takes this long, unless waiting does not end when it should. */
const LONG_MILLISECONDS = 20_000;

/** What a reader does besides that can wait for more. */
export const waitingReaderContract = (name: string, make: () => Promise<ReadableStream>): void => {
  const filled = async () => {
    const stream = await make();
    const { numbers } = await fill(stream);
    const stopping = new AbortController();
    const wait = (place: Place, milliseconds = LONG_MILLISECONDS): Promise<void> => {
      if (!stream.reader.waitForMore) throw new Error("it can't wait");
      return stream.reader.waitForMore(stream.a, place, milliseconds, stopping.signal);
    };
    return { ...stream, stream, numbers, stopping, wait, end: { after: numbers[24] } };
  };

  describe(`${name} keeps the contract of StreamReader that waits for more`, () => {
    it("waits no moment where there is more", async () => {
      const { stream, numbers, wait } = await filled();
      await wait("oldest");
      expect(await textsFrom(stream, "oldest", 2)).toEqual(["a0", "a1"]);
      await wait({ after: numbers[1] });
      await wait({ after: numbers[1] });
      expect(await textsFrom(stream, { after: numbers[1] }, 1)).toEqual(["a2"]);
      await wait({ after: numbers[20] });
      expect(await textsFrom(stream, { after: numbers[20] })).toEqual(["a21", "a22", "a23", "a24"]);
    });

    it("waits at the end until something comes, in this partition", async () => {
      const { stream, a, b, end, put, wait } = await filled();
      expect(await textsFrom(stream, end)).toEqual([]);
      let hasEnded = false;
      const waiting = wait(end).then(() => {
        hasEnded = true;
      });
      await put(b, "elsewhere");
      expect(hasEnded).toBe(false);
      const number = await put(a, "more");
      await waiting;
      await put(a, "yet more");
      // A page may end before the partition does.
      expect((await textsFrom(stream, end))[0]).toBe("more");
      expect(await textsFrom(stream, { after: number })).toEqual(["yet more"]);
    });

    it("misses nothing that comes between reading and waiting", async () => {
      const { stream, a, end, put, wait } = await filled();
      expect(await textsFrom(stream, end)).toEqual([]);
      await put(a, "more");
      await wait(end);
      expect(await textsFrom(stream, end)).toEqual(["more"]);
    });

    it("waits no longer than it is to", async () => {
      const { stream, a, end, put, wait } = await filled();
      expect(await textsFrom(stream, end)).toEqual([]);
      await wait(end, 20);
      expect(await textsFrom(stream, end)).toEqual([]);
      await put(a, "more");
      expect(await textsFrom(stream, end)).toEqual(["more"]);
    });

    it("ends at once when told to, and loses nothing by that", async () => {
      const { stream, a, end, put, stopping, wait } = await filled();
      expect(await textsFrom(stream, end)).toEqual([]);
      const waiting = wait(end);
      stopping.abort();
      await waiting;
      await wait(end);
      await put(a, "more");
      expect(await textsFrom(stream, end)).toEqual(["more"]);
    });
  });
};
