import { describe, expect, test } from "vitest";
import { gathered } from "./gathered-metrics.ts";

const world = () => {
  const written: Readonly<Record<string, number>>[] = [];
  let nowMs = 1_000_000;
  const metrics = gathered({ count: (counts) => void written.push(counts) }, () => nowMs, 60_000);
  return { written, metrics, pass: (milliseconds: number) => (nowMs += milliseconds) };
};

describe("finding 23: figures of a function that is called all the time", () => {
  test("are summed up and written once a minute, the first at once", () => {
    const { written, metrics, pass } = world();
    metrics.count({ PositionsAccepted: 1 });
    expect(written).toEqual([{ PositionsAccepted: 1 }]);
    for (let second = 1; second <= 59; second++) {
      pass(1_000);
      metrics.count({ PositionsAccepted: 2, PositionsRejected: 1 });
    }
    expect(written).toHaveLength(1);
    pass(1_000);
    metrics.count({ PositionsAccepted: 2 });
    expect(written.slice(1)).toEqual([{ PositionsAccepted: 120, PositionsRejected: 59 }]);
  });

  test("are each written where calls are more than a minute apart", () => {
    const { written, metrics, pass } = world();
    for (let call = 0; call < 5; call++) {
      metrics.count({ PositionsAccepted: 3 });
      pass(61_000);
    }
    expect(written).toEqual(Array.from({ length: 5 }, () => ({ PositionsAccepted: 3 })));
  });

  test("go on being written when the clock is set back", () => {
    const { written, metrics, pass } = world();
    metrics.count({ PositionsAccepted: 1 });
    pass(-3_600_000);
    metrics.count({ PositionsAccepted: 1 });
    expect(written).toHaveLength(2);
  });
});
