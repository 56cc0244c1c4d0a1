import { describe, expect, test } from "vitest";
import type { Checkpoint } from "../../../engines/event-source/checkpoint-store.ts";
import { settledByAll } from "./keep-stream-small.ts";

const CREATED_MS = 1_773_474_072_000;

const reader = (places: Readonly<Record<string, string | undefined>>, streamCreatedAtMs = CREATED_MS) =>
  new Map<string, Checkpoint>(
    Object.entries(places).map(([shardId, sequenceNumber]) => [
      shardId,
      { streamCreatedAtMs, sequenceNumber, finished: false },
    ]),
  );

describe("finding 13: the slowest reader decides what may go", () => {
  test("of several readers the one that is furthest behind, whatever the length of its number", () => {
    const settled = settledByAll([reader({ a: "10", b: "7" }), reader({ a: "9", b: "8" })], CREATED_MS);
    expect([...settled]).toEqual([
      ["a", "9"],
      ["b", "7"],
    ]);
  });

  test("a reader that has settled nothing of a shard keeps all of it", () => {
    expect(settledByAll([reader({ a: "10" }), reader({})], CREATED_MS).size).toBe(0);
    expect(settledByAll([reader({ a: "10" }), reader({ a: undefined })], CREATED_MS).size).toBe(0);
    expect(settledByAll([], CREATED_MS).size).toBe(0);
  });

  test("a place in a stream that had the same name before is none", () => {
    expect(settledByAll([reader({ a: "10" }, CREATED_MS - 1)], CREATED_MS).size).toBe(0);
  });
});
