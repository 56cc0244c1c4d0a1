import type { Claims } from "../claims/claims.ts";
import { LimitError } from "../errors.ts";

/** How many tasks may wait at once. */
export interface TaskLimits {
  readonly inAll: number;
  readonly perKey: number;
}

export interface WaitingTask {
  readonly taskId: string;
  readonly keyId?: string;
  /** When it stops waiting, and gives its place back by itself. */
  readonly untilMs: number;
}

const EVERYBODY = "waiting-tasks";
const DIGITS = 16;

/** Sorted by when they stop waiting, so that one query counts those that still wait. */
const nameOf = (untilMs: number, taskId = ""): string =>
  `${String(Math.ceil(untilMs)).padStart(DIGITS, "0")}#${taskId}`;

/**
 * Takes a place for a task that is about to wait. It takes the place first and counts then, so that of many
 * at once never too many are let in. Throws LimitError.
 */
export const admitTask = async (
  claims: Claims,
  { taskId, keyId, untilMs }: WaitingTask,
  limits: TaskLimits,
  nowMs: number,
): Promise<void> => {
  const claim = nameOf(untilMs, taskId);
  const places = [
    { purpose: EVERYBODY, limit: limits.inAll, whose: "" },
    ...(keyId === undefined
      ? []
      : [{ purpose: `${EVERYBODY}#${keyId}`, limit: limits.perKey, whose: " of one key" }]),
  ];
  const expiresAtSeconds = Math.ceil(untilMs / 1000);
  try {
    for (const { purpose, limit, whose } of places) {
      await claims.put({ purpose, claim, data: null, expiresAtSeconds });
      const count = await claims.count(purpose, { from: nameOf(nowMs), upTo: limit + 1 }, nowMs);
      if (count <= limit) continue;
      throw new LimitError(
        `at most ${limit} tasks${whose} wait at once, and there are ${limit}: try again later`,
      );
    }
  } catch (error) {
    for (const { purpose } of places) await claims.remove(purpose, claim);
    throw error;
  }
};
