import { describe, expect, test } from "vitest";
import { ReasonCounts } from "./reason-counts.ts";

describe("finding 25: rejected rows beyond the first hundred", () => {
  test("are counted by reason, and no more of them are looked at than a bounded number", () => {
    const counts = new ReasonCounts();
    let lookedAt = 0;
    for (let row = 0; row < 50_000; row++) {
      counts.add(() => {
        lookedAt++;
        return [{ field: row % 2 === 0 ? "latitude" : "timestamp", value: row, rule: "must be given" }];
      });
    }
    expect(lookedAt).toBe(10_000);
    expect(counts.told()).toEqual({
      moreRejected: {
        "latitude must be given": 5_000,
        "timestamp must be given": 5_000,
        "for other reasons, which were not looked for": 40_000,
      },
    });
  });

  test("of reasons without end only the first ones are told apart", () => {
    const counts = new ReasonCounts();
    for (let row = 0; row < 200; row++) counts.add(() => [{ field: `column ${row}`, value: "", rule: "?" }]);
    expect(Object.keys(counts.told().moreRejected ?? {})).toHaveLength(51);
  });

  test("where there are none, nothing is told", () => {
    expect(new ReasonCounts().told()).toEqual({});
  });
});
