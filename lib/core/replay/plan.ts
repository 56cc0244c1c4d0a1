import { anchorAt, dueAt } from "./playback-clock.ts";
import type { Replay, ReplayPlan } from "./replay.ts";
import type { SourceCursor } from "./source-cursor.ts";
import { lengthOf } from "./timeline.ts";
import { type ReplayWindow, readWindow } from "./window.ts";

/** How far ahead a plan reaches, and so the longest time before a change takes effect. */
const HORIZON_MS = 1_000;
/** Positions in one plan, of all sources together: what bounds memory at 10,000x. */
const MAXIMUM_PLAN_POSITIONS = 5_000;
/** How far devices may be behind the clock before the clock waits for them. */
const MAXIMUM_LAG_MS = 100;
/** From the player's start to the first due time: saving the first plan takes a while. */
const START_DELAY_MS = 100;

/** What to do next: wait, or save this replay and then send the window. */
export type Proposal =
  | { readonly idleUntilMs: number }
  | { readonly replay: Replay; readonly window?: ReplayWindow };

/** The window of the plan that a replay holds, as whoever announced it read it. */
export const repeatPlan = (
  cursors: readonly SourceCursor[],
  { lastTimestampsMs, options }: Replay,
  { fromOffsetMs, untilOffsetMs, clock }: ReplayPlan,
): Promise<ReplayWindow> =>
  readWindow(
    cursors,
    { fromOffsetMs, clock, lastTimestampsMs, timestamps: options.timestamps },
    { untilOffsetMs },
  );

/** The replay when everything in its plan was sent. */
export const settlePlan = (replay: Replay, { lastTimestampsMs, positionCount }: ReplayWindow): Replay => ({
  ...replay,
  plan: undefined,
  lastTimestampsMs,
  positionsPublished: replay.positionsPublished + positionCount,
});

/** The next plan of a playing replay whose plan before was sent, or its end. */
export const proposePlan = async (
  cursors: readonly SourceCursor[],
  replay: Replay,
  nowMs: number,
): Promise<Proposal> => {
  const { starting, nextOffsetMs, lastTimestampsMs, options } = replay;
  const clock = starting
    ? anchorAt(replay.clock, nextOffsetMs, Math.max(nowMs + START_DELAY_MS, replay.clock.anchorWallMs))
    : replay.clock;
  for (const cursor of cursors) await cursor.seek(nextOffsetMs);
  const firstOffsetMs = Math.min(...cursors.map(({ offsetMs }) => offsetMs));
  if (firstOffsetMs === Number.POSITIVE_INFINITY) {
    const end = lengthOf(replay.timeline);
    return { replay: { ...replay, status: "finished", nextOffsetMs: end } };
  }
  // The plan before covers the time until here, and the next one may wait for the first position to come in
  // sight.
  const idleUntilMs = Math.ceil(
    Math.min(dueAt(clock, nextOffsetMs), dueAt(clock, firstOffsetMs) - HORIZON_MS),
  );
  if (!starting && idleUntilMs > nowMs) return { idleUntilMs };
  const window = await readWindow(
    cursors,
    { fromOffsetMs: nextOffsetMs, clock, lastTimestampsMs, timestamps: options.timestamps },
    { untilWallMs: nowMs + HORIZON_MS, maximumPositions: MAXIMUM_PLAN_POSITIONS },
  );
  const { untilOffsetMs, lastDueMs } = window;
  // A rate above one position per millisecond and device can't be held: then recorded time slows down for all
  // sources, which stay side by side, and no backlog grows.
  const lags = lastDueMs - dueAt(clock, untilOffsetMs) > MAXIMUM_LAG_MS;
  return {
    replay: {
      ...replay,
      starting: false,
      clock: lags ? anchorAt(clock, untilOffsetMs, lastDueMs) : clock,
      nextOffsetMs: untilOffsetMs,
      plan: { sequence: replay.version + 1, fromOffsetMs: nextOffsetMs, untilOffsetMs, clock },
    },
    window,
  };
};
