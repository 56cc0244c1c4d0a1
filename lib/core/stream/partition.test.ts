import { describe, expect, it } from "vitest";
import { laneOf } from "../../../engines/event-source/lane.ts";
import { partitionOf } from "./partition.ts";

const KEYS = Array.from({ length: 4_000 }, (_, device) => `device-${device}`);

const sizesOf = (numbers: readonly number[]): number[] =>
  [...Map.groupBy(numbers, (number) => number).values()].map(({ length }) => length);

describe("partitionOf", () => {
  it("never changes: streams hold records that were placed by it", () => {
    const keys = ["", "van-7", "acme/van-7", "a.b", "é", "🚚"];
    expect(keys.map((key) => partitionOf(key, 1_000))).toEqual([923, 933, 31, 762, 73, 778]);
    expect(keys.map((key) => partitionOf(key, 1))).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it.each([2, 3, 4, 8, 64])("spreads keys evenly over %i partitions", (count) => {
    const sizes = sizesOf(KEYS.map((key) => partitionOf(key, count)));
    expect(sizes).toHaveLength(count);
    const even = KEYS.length / count;
    expect(Math.max(...sizes)).toBeLessThan(even + 6 * Math.sqrt(even));
  });

  it.each([
    [4, 2],
    [4, 4],
    [2, 10],
  ])("of %i partitions, the keys of one spread over %i lanes", (count, lanes) => {
    const keys = KEYS.filter((key) => partitionOf(key, count) === 0);
    const sizes = sizesOf(keys.map((key) => laneOf(key, lanes)));
    expect(sizes).toHaveLength(lanes);
    const even = keys.length / lanes;
    expect(Math.max(...sizes)).toBeLessThan(even + 6 * Math.sqrt(even));
  });
});
