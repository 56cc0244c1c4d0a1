import type { Clock } from "../clock.ts";

/**
 * Deletes what has expired, where the store doesn't do that by itself. Readers treat it as gone meanwhile.
 */
export interface ExpiredItems {
  /**
   * Looks at one page of the store and deletes what has expired there. `next` is where the next page begins;
   * absent after the last.
   */
  sweepPage(place: string | undefined, nowMs: number): Promise<SweptPage>;
}

export interface SweptPage {
  readonly deletedCount: number;
  readonly next?: string;
}

/** Lets one sweep in a while begin, whoever asks and however often. */
export interface SweepTurns {
  /** Undefined if another sweep began less than the interval ago. */
  take(nowMs: number, intervalMs: number): Promise<SweepTurn | undefined>;
  /** Says where the next sweep is to begin; absent: at the start. Nothing if another turn was taken since. */
  end(turn: SweepTurn, place: string | undefined): Promise<void>;
}

export interface SweepTurn {
  readonly startedAtMs: number;
  /** Where the last sweep ended before its end; absent: it begins at the start. */
  readonly place?: string;
}

export interface SweepPorts {
  readonly items: ExpiredItems;
  readonly turns: SweepTurns;
  readonly now: Clock;
}

export interface Sweep {
  readonly deletedCount: number;
  /** False if time was up first: the next sweep goes on from there. */
  readonly isComplete: boolean;
}

export interface SweepLimits {
  readonly intervalMs: number;
  /** After this no further page is begun. */
  readonly budgetMs: number;
}

/** One sweep from where the last one ended; undefined, and nothing is done, when it isn't time for one. */
export const sweep = async (
  { items, turns, now }: SweepPorts,
  { intervalMs, budgetMs }: SweepLimits,
): Promise<Sweep | undefined> => {
  const turn = await turns.take(now(), intervalMs);
  if (!turn) return undefined;
  const endMs = now() + budgetMs;
  let place = turn.place;
  let deletedCount = 0;
  do {
    const page = await items.sweepPage(place, now());
    deletedCount += page.deletedCount;
    place = page.next;
  } while (place !== undefined && now() < endMs);
  await turns.end(turn, place);
  return { deletedCount, isComplete: place === undefined };
};

/** Every page from the first to the last. */
export const sweepAll = async (
  items: ExpiredItems,
  nowMs: number,
  onPage: (deletedCount: number) => void = () => {},
): Promise<number> => {
  let place: string | undefined;
  let deletedCount = 0;
  do {
    const page = await items.sweepPage(place, nowMs);
    deletedCount += page.deletedCount;
    onPage(deletedCount);
    place = page.next;
  } while (place !== undefined);
  return deletedCount;
};
