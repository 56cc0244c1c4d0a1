import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyRuns } from "../../../test/property-runs.ts";
import {
  RECORDED_MS,
  ReplaySimulation,
  replayOf,
  type Sent,
  type SimulationOptions,
  START_MS,
} from "../../../test/replay-simulation.ts";
import type { ReplayChange } from "./change-replay.ts";
import { dueAt } from "./playback-clock.ts";
import type { Replay } from "./replay.ts";
import { iterationAt } from "./timeline.ts";

/*
 * Whatever is done to a replay, and whenever its player dies, the track that knows duplicates by their
 * timestamp has each position of what was played once, in order, none lost and none doubled.
 */

/** Times of a recording's positions: jitter, bursts of a millisecond, gaps of a minute. */
const recordings = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 900, max: 1_100 }) },
      { weight: 2, arbitrary: fc.integer({ min: 1, max: 20 }) },
      { weight: 1, arbitrary: fc.integer({ min: 5_000, max: 60_000 }) },
    ),
    { minLength: 1, maxLength: 40 },
  )
  .map((gaps) => {
    let offsetMs = 0;
    return [0, ...gaps.map((gap) => (offsetMs += gap))];
  });

const rates = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(0.1, 0.9, 1, 3, 10) },
  { weight: 1, arbitrary: fc.constantFrom(100, 10_000) },
);

const changes = (withSeeks: boolean) =>
  fc.array(
    fc.record({
      afterMs: fc.integer({ min: 0, max: 12_000 }),
      change: fc.oneof(
        rates.map((rate): ReplayChange => ({ rate })),
        fc.constant<ReplayChange>({ paused: true }),
        fc.constant<ReplayChange>({ paused: false }),
        fc.record({ rate: rates, paused: fc.boolean() }),
        ...(withSeeks
          ? [
              fc.nat(100_000).map((ms): ReplayChange => ({ seekSeconds: ms / 1000 })),
              fc.record({ seekSeconds: fc.constant(0), paused: fc.constant(false) }),
            ]
          : []),
      ),
    }),
    { maxLength: 8 },
  );

const surroundings = (mayDie: boolean): fc.Arbitrary<SimulationOptions> =>
  fc.record({
    limits: fc.record({
      chunkSeconds: fc.constantFrom(1, 3, 10, 240),
      handoverChunks: fc.constantFrom(1, 2, 5, 750),
    }),
    latenciesMs: fc.array(fc.constantFrom(0, 0, 0, 1, 8, 250, 1_500), { minLength: 1, maxLength: 7 }),
    retryMs: fc.constantFrom(0, 1, 700, 5_000),
    deaths: mayDie
      ? fc
          .array(fc.tuple(fc.nat(120), fc.constantFrom<("before" | "after")[]>("before", "after")), {
            maxLength: 12,
          })
          .map((deaths) => new Map(deaths))
      : fc.constant(new Map()),
  });

interface Script {
  readonly offsetsMs: readonly number[];
  readonly rate: number;
  readonly loop: boolean;
  readonly timestamps: "now" | "original";
  readonly changes: readonly { readonly afterMs: number; readonly change: ReplayChange }[];
  readonly surroundings: SimulationOptions;
}

/** Later than every other change. */
const LAST_PAUSE_MS = 15_000;

/** Plays a script to its end, which is a pause unless it finishes by itself. */
const perform = async (script: Script): Promise<{ simulation: ReplaySimulation; replay: Replay }> => {
  const { offsetsMs, rate, loop, timestamps } = script;
  const simulation = new ReplaySimulation(script.surroundings);
  await simulation.record("recording", offsetsMs);
  const first = replayOf(offsetsMs, {
    options: { loop, timestamps },
    clock: { anchorOffsetMs: 0, anchorWallMs: START_MS, rate, paused: false },
  });
  const durationMs = offsetsMs[offsetsMs.length - 1];
  const within = ({ seekSeconds, ...change }: ReplayChange): ReplayChange =>
    seekSeconds === undefined
      ? change
      : { ...change, seekSeconds: (Math.round(seekSeconds * 1000) % (durationMs + 1)) / 1000 };
  await simulation.time.run(
    Promise.race([
      simulation.failed,
      Promise.all([
        simulation.create(first),
        ...script.changes.map(({ afterMs, change }) => simulation.patch("replay", afterMs, within(change))),
        simulation.patch("replay", LAST_PAUSE_MS, { paused: true }),
      ]),
    ]),
  );
  const replay = await simulation.read("replay");
  if (!replay) throw new Error("the replay is gone");
  return { simulation, replay };
};

/** What a track keeps of what was sent: each timestamp once, whoever came first. */
const trackOf = (sent: readonly Sent[]): Sent[] => {
  const track = new Map<number, Sent>();
  for (const position of sent) {
    const known = track.get(position.timestampMs);
    // Two positions of one timestamp would be one position lost.
    if (known && known.index !== position.index) throw new Error(`two positions at ${position.timestampMs}`);
    if (!known) track.set(position.timestampMs, position);
  }
  return [...track.values()].sort((one, other) => one.timestampMs - other.timestampMs);
};

/**
 * Follows a track through the recording: each position is the one behind its predecessor, or the target of
 * the next seek. Returns the positions that may come next then; none when the track went where it had no
 * reason to go.
 */
const follow = (
  track: readonly number[],
  { offsetsMs, loop, seeksMs }: { offsetsMs: readonly number[]; loop: boolean; seeksMs: readonly number[] },
): Set<number> => {
  const after = (index: number) => (index + 1 === offsetsMs.length && loop ? 0 : index + 1);
  const targets = seeksMs.map((seekMs) => offsetsMs.findIndex((offsetMs) => offsetMs >= seekMs));
  /** By the number of seeks made: what comes next. */
  let places = new Map<string, { made: number; next: number }>();
  const put = (map: typeof places, made: number, next: number) => map.set(`${made} ${next}`, { made, next });
  const withSeeks = (from: typeof places): typeof places => {
    const all = new Map(from);
    for (const { made } of from.values()) {
      for (let seek = made; seek < targets.length; seek++) put(all, seek + 1, targets[seek]);
    }
    return all;
  };
  put(places, 0, 0);
  for (const index of track) {
    const reached: typeof places = new Map();
    for (const { made, next } of withSeeks(places).values())
      if (next === index) put(reached, made, after(index));
    places = reached;
  }
  const ends = [...withSeeks(places).values()].filter(({ made }) => made === targets.length);
  return new Set(ends.map(({ next }) => next));
};

const seeksOf = (simulation: ReplaySimulation): number[] =>
  [...simulation.changes]
    .sort((one, other) => one.version - other.version)
    .flatMap(({ change: { seekSeconds } }) =>
      seekSeconds === undefined ? [] : [Math.round(seekSeconds * 1000)],
    );

/** Which position of the recording the replay would send next. */
const nextIndex = ({ nextOffsetMs, timeline, options }: Replay, offsetsMs: readonly number[]): number => {
  const within = nextOffsetMs - iterationAt(timeline, nextOffsetMs, options.loop) * timeline.periodMs;
  const index = offsetsMs.findIndex((offsetMs) => offsetMs >= within);
  return index >= 0 ? index : options.loop ? 0 : offsetsMs.length;
};

const scripts = (options: {
  loop: fc.Arbitrary<boolean>;
  timestamps: Script["timestamps"];
  seeks: boolean;
  mayDie: boolean;
}): fc.Arbitrary<Script> =>
  fc.record({
    offsetsMs: recordings,
    rate: rates,
    loop: options.loop,
    timestamps: fc.constant(options.timestamps),
    changes: changes(options.seeks),
    surroundings: surroundings(options.mayDie),
  });

describe("whatever happens to a replay", () => {
  test("with timestamps of now, each pass of each position reaches the track once, in order", async () => {
    const script = scripts({ loop: fc.boolean(), timestamps: "now", seeks: true, mayDie: true });
    await fc.assert(
      fc.asyncProperty(script, async (script) => {
        const { simulation, replay } = await perform(script);
        expect(["paused", "finished"]).toContain(replay.status);
        expect(replay.plan).toBeUndefined();
        const track = trackOf(simulation.sent);
        const places = follow(
          track.map(({ index }) => index),
          { ...script, seeksMs: seeksOf(simulation) },
        );
        const next =
          replay.status === "finished" ? script.offsetsMs.length : nextIndex(replay, script.offsetsMs);
        expect(places).toContain(next);
        expect(replay.positionsPublished).toBe(track.length);
        // Never before it is due.
        expect(simulation.sent.every(({ sentMs, timestampMs }) => sentMs >= timestampMs)).toBe(true);
      }),
      { numRuns: propertyRuns(200) },
    );
  });

  test("with original timestamps, each position of the played part reaches the track", async () => {
    const script = scripts({
      loop: fc.constant(false),
      timestamps: "original",
      seeks: false,
      mayDie: true,
    });
    await fc.assert(
      fc.asyncProperty(script, async (script) => {
        const { simulation, replay } = await perform(script);
        const count =
          replay.status === "finished" ? script.offsetsMs.length : nextIndex(replay, script.offsetsMs);
        expect(trackOf(simulation.sent).map(({ index, timestampMs }) => [index, timestampMs])).toEqual(
          script.offsetsMs.slice(0, count).map((offsetMs, index) => [index, RECORDED_MS + offsetMs]),
        );
        expect(replay.positionsPublished).toBe(count);
      }),
      { numRuns: propertyRuns(200) },
    );
  });

  test("a player that does not die sends nothing twice, with original timestamps and seeks too", async () => {
    const script = scripts({ loop: fc.constant(false), timestamps: "original", seeks: true, mayDie: false });
    await fc.assert(
      fc.asyncProperty(script, async (script) => {
        // A resumption may overtake a player that still sleeps over its last plan: then two send it.
        fc.pre(script.changes.every(({ change }) => change.paused !== false));
        const { simulation, replay } = await perform(script);
        const places = follow(
          simulation.sent.map(({ index }) => index),
          { ...script, seeksMs: seeksOf(simulation) },
        );
        const next =
          replay.status === "finished" ? script.offsetsMs.length : nextIndex(replay, script.offsetsMs);
        expect(places).toContain(next);
      }),
      { numRuns: propertyRuns(200) },
    );
  });

  test("on ports that take no time, each position goes out at the millisecond at which it is due", async () => {
    const script = scripts({ loop: fc.boolean(), timestamps: "now", seeks: true, mayDie: false });
    await fc.assert(
      fc.asyncProperty(script, async (script) => {
        const { simulation } = await perform({
          ...script,
          surroundings: { ...script.surroundings, latenciesMs: [0] },
        });
        const late = trackOf(simulation.sent).filter(({ sentMs, timestampMs }) => sentMs !== timestampMs);
        expect(late).toEqual([]);
      }),
      { numRuns: propertyRuns(100) },
    );
  });

  test("changes of the rate leave the schedule without a step: each plan begins when the one before ends", async () => {
    const script = scripts({ loop: fc.boolean(), timestamps: "now", seeks: false, mayDie: false });
    const slowRates = fc.array(
      fc.record({
        afterMs: fc.integer({ min: 0, max: 12_000 }),
        change: fc.constantFrom({ rate: 0.1 }, { rate: 0.7 }, { rate: 1 }, { rate: 3 }),
      }),
      { maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(script, slowRates, async (script, changes) => {
        const { simulation } = await perform({
          ...script,
          rate: 1,
          changes,
          surroundings: { ...script.surroundings, latenciesMs: [0] },
        });
        for (const [index, plan] of simulation.plans.slice(1).entries()) {
          const before = simulation.plans[index];
          expect(plan.fromOffsetMs).toBe(before.untilOffsetMs);
          const step = dueAt(plan.clock, plan.fromOffsetMs) - dueAt(before.clock, before.untilOffsetMs);
          // A change anchors the clock at a whole millisecond.
          expect(Math.abs(step)).toBeLessThanOrEqual(1);
          // Nor does recorded time leap where the clock was anchored again.
          expect(plan.clock.anchorOffsetMs).toBeLessThanOrEqual(plan.fromOffsetMs);
        }
      }),
      { numRuns: propertyRuns(100) },
    );
  });
});
