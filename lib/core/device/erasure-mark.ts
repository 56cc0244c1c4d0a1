import { type Claims, digestOf } from "../claims/claims.ts";

/**
 * What is kept of a device that is being erased or was erased: when, and by which task. Its key is a digest
 * of the id, so nothing names the device.
 */
export interface ErasureMark {
  readonly taskId: string;
  /**
   * Records that reached the stream up to then are dropped. Absent during the erasure: all records are
   * dropped.
   */
  readonly erasedAtMs?: number;
}

/** What tracking asks before it creates a device. */
export interface Erasures {
  /** Records that reached the stream up to then belong to a past that was erased. */
  erasedUntilMs(deviceId: string): Promise<number>;
}

const MARKS = "erased-devices";
const RUNNING = "erasures";
/** Longer than any record of the stream is retried: tracking gives up after a day. */
const KEPT_SECONDS = 8 * 24 * 60 * 60;

const expiry = (nowMs: number): number => Math.ceil(nowMs / 1000) + KEPT_SECONDS;

export const findMark = async (
  claims: Claims,
  deviceId: string,
  nowMs: number,
): Promise<ErasureMark | undefined> =>
  (await claims.get<ErasureMark>(MARKS, await digestOf(deviceId), nowMs))?.data;

export const putMark = async (
  claims: Claims,
  deviceId: string,
  mark: ErasureMark,
  nowMs: number,
): Promise<void> =>
  claims.put({
    purpose: MARKS,
    claim: await digestOf(deviceId),
    data: mark,
    expiresAtSeconds: expiry(nowMs),
  });

/** Which device a task erases; the task itself does not say. */
export const deviceOfErasure = async (
  claims: Claims,
  taskId: string,
  nowMs: number,
): Promise<string | undefined> =>
  (await claims.get<{ deviceId: string }>(RUNNING, taskId, nowMs))?.data.deviceId;

export const putErasure = (claims: Claims, taskId: string, deviceId: string, nowMs: number): Promise<void> =>
  claims.put({ purpose: RUNNING, claim: taskId, data: { deviceId }, expiresAtSeconds: expiry(nowMs) });

export const forgetErasure = (claims: Claims, taskId: string): Promise<void> =>
  claims.remove(RUNNING, taskId);

/** Asks the table of claims. */
export const claimedErasures = (claims: Claims, now: () => number): Erasures => ({
  async erasedUntilMs(deviceId) {
    const mark = await findMark(claims, deviceId, now());
    if (!mark) return Number.NEGATIVE_INFINITY;
    return mark.erasedAtMs ?? Number.POSITIVE_INFINITY;
  },
});
