/**
 * The part of the recordings that a replay plays, in milliseconds since their first positions, and how it
 * repeats. A replay's offset counts from its own beginning and goes on counting through loops: iteration and
 * recorded time follow from it.
 */
export interface Timeline {
  /** Where in the recordings each iteration begins. */
  readonly startMs: number;
  /** Where it ends, inclusive. */
  readonly endMs: number;
  /** Length of the longest recording, whether all of it is played or not. */
  readonly durationMs: number;
  /**
   * From the beginning of an iteration to that of the next, 1 or more: its length and a usual interval
   * between two positions.
   */
  readonly periodMs: number;
}

export const lengthOf = ({ startMs, endMs }: Timeline): number => endMs - startMs;

/** The iteration, from 0, in which an offset lies. What is not looped has one. */
export const iterationAt = (timeline: Timeline, offsetMs: number, loop: boolean): number =>
  loop ? Math.floor(offsetMs / timeline.periodMs) : 0;

/**
 * Recorded time at an offset, milliseconds since the recordings' first positions; between two iterations it
 * rests at the end.
 */
export const recordedAt = (timeline: Timeline, offsetMs: number, loop: boolean): number => {
  const within = offsetMs - iterationAt(timeline, offsetMs, loop) * timeline.periodMs;
  return timeline.startMs + Math.min(within, lengthOf(timeline));
};

/** The offset of a recorded time in a given iteration: what a seek goes to. */
export const offsetOf = (timeline: Timeline, recordedMs: number, iteration: number): number =>
  iteration * timeline.periodMs + recordedMs - timeline.startMs;
