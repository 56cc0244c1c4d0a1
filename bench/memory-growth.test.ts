import { expect, test } from "vitest";
import { growthPerMinute, lowPoints, type MemorySample } from "./memory-growth.ts";

const MEGABYTE = 1024 ** 2;
const samples = (seconds: number, megabytes: (second: number) => number): MemorySample[] =>
  Array.from({ length: seconds }, (_, second) => ({ seconds: second, bytes: megabytes(second) * MEGABYTE }));

test("growth is given per minute, and a heap that fills and is swept does not grow", () => {
  expect(growthPerMinute(samples(120, (second) => 400 + second / 2))).toBeCloseTo(30, 6);
  expect(growthPerMinute(samples(120, () => 400))).toBe(0);
  expect(growthPerMinute([])).toBe(0);
  const saw = samples(120, (second) => 400 + (second % 10) * 8);
  expect(growthPerMinute(lowPoints(saw, 10))).toBe(0);
  const leaking = samples(120, (second) => 400 + (second % 10) * 8 + second / 2);
  expect(growthPerMinute(lowPoints(leaking, 10))).toBeCloseTo(30, 6);
});
