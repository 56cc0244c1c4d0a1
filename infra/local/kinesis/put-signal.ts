import { isSamePlace, type Place, type StreamReader } from "../../../engines/event-source/stream-reader.ts";
import type { Answer } from "../../../engines/server/http-server.ts";
import type { Sleep } from "../../../lib/core/clock.ts";

const PUTS = new Set(["Kinesis_20131202.PutRecord", "Kinesis_20131202.PutRecords"]);
const SHARD_ID = /shardId-\d{12}/g;
/** A page of more may have left something out. */
const WHOLE_PAGE_BYTES = 1024 * 1024;

/**
 * Tells readers in the process of the local Kinesis that something was put into a shard, so that they need
 * not ask again and again. Shards of the same name in other streams are not told apart: a reader then asks in
 * vain.
 */
export class PutSignal {
  readonly #counts = new Map<string, number>();
  readonly #waiting = new Map<string, Set<() => void>>();

  /** Signals what is put through `answer`. */
  watch(answer: Answer): Answer {
    return async (request) => {
      const response = await answer(request);
      const isPut = PUTS.has(`${request.headers["x-amz-target"]}`) && response.status === 200;
      if (!isPut || (typeof response.body !== "string" && !Buffer.isBuffer(response.body))) return response;
      // JSON and CBOR both have the id as plain text.
      const shardIds = response.body.toString("latin1").match(SHARD_ID) ?? [];
      for (const shardId of new Set(shardIds)) this.#signal(shardId);
      return response;
    };
  }

  /** How often something was put into the shard. */
  count(shardId: string): number {
    return this.#counts.get(shardId) ?? 0;
  }

  /** Calls back at the next put; returns how to leave it. */
  onNext(shardId: string, callback: () => void): () => void {
    const waiting = this.#waiting.get(shardId) ?? new Set();
    this.#waiting.set(shardId, waiting.add(callback));
    return () => waiting.delete(callback);
  }

  #signal(shardId: string): void {
    this.#counts.set(shardId, this.count(shardId) + 1);
    for (const callback of this.#waiting.get(shardId) ?? []) callback();
  }
}

/** The reader, which now can wait for what comes through the local Kinesis. */
export const toldOfPuts = (reader: StreamReader, puts: PutSignal, sleep: Sleep): StreamReader => {
  /** Where a shard was read to its end, and how many puts that may have seen. */
  const ends = new Map<string, { readonly place: Place; readonly count: number }>();
  return {
    ...reader,

    async read(shardId, place, limit) {
      const count = puts.count(shardId);
      const page = await reader.read(shardId, place, limit);
      const { records } = page;
      const bytes = records.reduce((sum, { data }) => sum + data.byteLength, 0);
      if (records.length < limit && bytes < WHOLE_PAGE_BYTES) {
        const last = records.at(-1);
        ends.set(shardId, { place: last ? { after: last.sequenceNumber } : place, count });
      } else ends.delete(shardId);
      return page;
    },

    async waitForMore(shardId, place, milliseconds, signal) {
      const end = ends.get(shardId);
      if (signal.aborted || !end || !isSamePlace(end.place, place) || puts.count(shardId) > end.count) return;
      const told = new AbortController();
      const wake = (): void => told.abort("told");
      const leave = puts.onNext(shardId, wake);
      signal.addEventListener("abort", wake);
      await sleep(milliseconds, told.signal).catch(() => {});
      signal.removeEventListener("abort", wake);
      leave();
    },
  };
};
