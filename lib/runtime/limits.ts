/**
 * What a deployment may decide of how much there is at once and how long it is kept, with what holds unless
 * it does. On AWS `-c replaysAtOnce=50`, elsewhere the variable REPLAYS_AT_ONCE.
 */
export const LIMITS = {
  /** Replays that play or are paused. */
  replaysAtOnce: 100,
  replaysAtOncePerKey: 50,
  /** Average speeds that were asked for and are still to come. */
  tasksWaiting: 1_000,
  tasksWaitingPerKey: 100,
  replaySchedules: 100,
  /** Days that a replay is kept which does not play. */
  replayKeptDays: 30,
  /** Days that a task is kept after what it waits for. */
  taskKeptDays: 1,
  importTaskKeptDays: 90,
  /** Days that a record is kept in quarantine. */
  quarantineKeptDays: 90,
} as const satisfies Readonly<Record<string, number>>;

export type LimitName = keyof typeof LIMITS;

export const LIMIT_NAMES = Object.keys(LIMITS) as LimitName[];

/** What may be set: a whole number from 1 on. */
export const MAXIMUM_LIMIT = 100_000;

/** `replaysAtOnce` -> `REPLAYS_AT_ONCE`. */
export const limitVariable = (name: LimitName): string => name.replace(/[A-Z]/g, "_$&").toUpperCase();
