import { describe, expect, it } from "vitest";
import type { SweepTurns } from "../../lib/core/expiry/sweep.ts";

const NOW_MS = 1_795_176_000_000;
const MINUTE_MS = 60_000;

export const sweepTurnsContract = (name: string, open: () => Promise<SweepTurns>): void => {
  describe(`${name} as SweepTurns`, () => {
    it("gives one turn in an interval, whoever asks", async () => {
      const turns = await open();
      const asked = await Promise.all(
        [0, 1, 2, 3].map((milliseconds) => turns.take(NOW_MS + milliseconds, MINUTE_MS)),
      );
      expect(asked.filter(Boolean)).toHaveLength(1);
      expect(await turns.take(NOW_MS + MINUTE_MS - 1, MINUTE_MS)).toBeUndefined();
      expect(await turns.take(NOW_MS + MINUTE_MS + 3, MINUTE_MS)).toEqual({
        startedAtMs: NOW_MS + MINUTE_MS + 3,
      });
    });

    it("remembers where the next sweep goes on, until one comes to the end", async () => {
      const turns = await open();
      const [first, second, third] = [0, 1, 2].map((minutes) => NOW_MS + minutes * MINUTE_MS);
      await turns.take(first, MINUTE_MS);
      await turns.end({ startedAtMs: first }, "here");
      expect(await turns.take(second, MINUTE_MS)).toEqual({ startedAtMs: second, place: "here" });
      await turns.end({ startedAtMs: second }, undefined);
      expect(await turns.take(third, MINUTE_MS)).toEqual({ startedAtMs: third });
    });

    it("keeps what a later turn knows when an earlier one ends late", async () => {
      const turns = await open();
      await turns.take(NOW_MS, MINUTE_MS);
      await turns.take(NOW_MS + MINUTE_MS, MINUTE_MS);
      await turns.end({ startedAtMs: NOW_MS }, "late");
      expect(await turns.take(NOW_MS + 2 * MINUTE_MS, MINUTE_MS)).toEqual({
        startedAtMs: NOW_MS + 2 * MINUTE_MS,
      });
    });

    it("is not stopped by a start that a clock far ahead has left", async () => {
      const turns = await open();
      await turns.take(NOW_MS + 60 * MINUTE_MS, MINUTE_MS);
      expect(await turns.take(NOW_MS, MINUTE_MS)).toEqual({ startedAtMs: NOW_MS });
    });
  });
};
