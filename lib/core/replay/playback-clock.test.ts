import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyRuns } from "../../../test/property-runs.ts";
import {
  changeRate,
  dueAt,
  offsetAt,
  type PlaybackClock,
  pauseClock,
  resumeClock,
  seekClock,
} from "./playback-clock.ts";

const T0 = 1_795_176_000_000;
const start = (rate: number): PlaybackClock => ({
  anchorOffsetMs: 0,
  anchorWallMs: T0,
  rate,
  paused: false,
});

const rates = fc.oneof(fc.constantFrom(0.01, 1, 10_000), fc.double({ min: 0.01, max: 10_000, noNaN: true }));
const commands = fc.array(
  fc.record({
    /** Time that passes first. */
    waitMs: fc.integer({ min: 0, max: 3_600_000 }),
    command: fc.oneof(
      rates.map((rate) => ({ kind: "rate" as const, rate })),
      fc.constant({ kind: "pause" as const }),
      fc.constant({ kind: "resume" as const }),
      fc.integer({ min: 0, max: 1e9 }).map((offsetMs) => ({ kind: "seek" as const, offsetMs })),
    ),
  }),
  { maxLength: 40 },
);

/** A relative tolerance of a few units in the last place: anchors are near 1.8e12. */
const near = (one: number, other: number): boolean =>
  Math.abs(one - other) <= 1e-3 + Math.max(Math.abs(one), Math.abs(other)) * 1e-12;

describe("a playback clock", () => {
  test("does not drift over a day in which it is asked every second", () => {
    const clock = start(1);
    let wallMs = T0;
    for (let turn = 0; turn < 86_400; turn++) {
      wallMs += 1_000;
      const offsetMs = offsetAt(clock, wallMs);
      expect(offsetMs).toBe(wallMs - T0);
      expect(dueAt(clock, offsetMs)).toBe(wallMs);
    }
  });

  test.each([0.01, 0.3, 1, 7, 333.3, 10_000])("at %dx is off by less than 1 µs after a day", (rate) => {
    const dayMs = 86_400_000;
    expect(Math.abs(dueAt(start(rate), rate * dayMs) - (T0 + dayMs))).toBeLessThan(1e-3);
    expect(Math.abs(offsetAt(start(rate), T0 + dayMs) - rate * dayMs)).toBeLessThan(1e-3);
  });

  test("follows any sequence of rate, pause, resume and seek as the sum of its pieces does", () => {
    fc.assert(
      fc.property(rates, commands, (rate, sequence) => {
        let clock = start(rate);
        let wallMs = T0;
        // The model adds up pieces, which is what the clock must not do but must agree with.
        let modelMs = 0;
        let model = { rate, paused: false };
        for (const { waitMs, command } of sequence) {
          wallMs += waitMs;
          if (!model.paused) modelMs += waitMs * model.rate;
          const before = offsetAt(clock, wallMs);
          expect(near(before, modelMs)).toBe(true);
          if (command.kind === "rate") {
            clock = changeRate(clock, wallMs, command.rate);
            model = { ...model, rate: command.rate };
          } else if (command.kind === "seek") {
            clock = seekClock(clock, wallMs, command.offsetMs);
            modelMs = command.offsetMs;
          } else {
            clock = command.kind === "pause" ? pauseClock(clock, wallMs) : resumeClock(clock, wallMs);
            model = { ...model, paused: command.kind === "pause" };
          }
          // Recorded time is continuous but for a seek.
          expect(offsetAt(clock, wallMs)).toBe(command.kind === "seek" ? command.offsetMs : before);
        }
      }),
      { numRuns: propertyRuns(500) },
    );
  });

  test("never goes back between two commands, and stands while it is paused or not begun", () => {
    fc.assert(
      fc.property(
        rates,
        fc.boolean(),
        fc.array(fc.integer({ min: -1e6, max: 1e8 }), { minLength: 2 }),
        (rate, paused, walls) => {
          const clock = { ...start(rate), paused, anchorOffsetMs: 500 };
          const offsets = walls
            .sort((one, other) => one - other)
            .map((wallMs) => offsetAt(clock, T0 + wallMs));
          expect(offsets).toEqual([...offsets].sort((one, other) => one - other));
          if (paused) expect(new Set(offsets)).toEqual(new Set([500]));
          expect(offsetAt(clock, T0 - 1)).toBe(500);
        },
      ),
    );
  });

  test("says when an offset is due: the inverse of where it is", () => {
    fc.assert(
      fc.property(
        rates,
        fc.integer({ min: 0, max: 1e9 }),
        fc.integer({ min: 0, max: 1e9 }),
        (rate, from, ahead) => {
          const clock = { ...start(rate), anchorOffsetMs: from };
          const wallMs = dueAt(clock, from + ahead);
          // A wall time near 1.8e12 has a resolution of 2^-12 ms.
          expect(Math.abs(offsetAt(clock, wallMs) - (from + ahead))).toBeLessThanOrEqual(
            rate * 2 ** -11 + 1e-6,
          );
        },
      ),
      { numRuns: propertyRuns(500) },
    );
  });

  test("reaches nothing that lies ahead while it is paused, and what lies behind at its anchor", () => {
    const clock = pauseClock(start(2), T0 + 1_000);
    expect(clock).toEqual({ anchorOffsetMs: 2_000, anchorWallMs: T0 + 1_000, rate: 2, paused: true });
    expect(dueAt(clock, 2_001)).toBe(Number.POSITIVE_INFINITY);
    expect(dueAt(clock, 1_999)).toBe(T0 + 1_000);
  });

  test("takes a command that comes before its anchor at the anchor", () => {
    const clock = changeRate({ ...start(1), anchorOffsetMs: 7, anchorWallMs: T0 + 900 }, T0, 3);
    expect(clock).toEqual({ anchorOffsetMs: 7, anchorWallMs: T0 + 900, rate: 3, paused: false });
  });
});
