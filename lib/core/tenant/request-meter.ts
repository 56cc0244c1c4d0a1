import type { Clock } from "../clock.ts";
import { LimitError } from "../errors.ts";
import { remember } from "../remember.ts";
import type { TenantId } from "./tenant-id.ts";
import { doesNotAnswer, type LimitsOf } from "./tenant-limits.ts";

/** How many requests of a tenant were let in, by minutes since 1970. */
export interface RequestCounter {
  /** Adds to a minute's count, and returns what it is then. */
  add(tenant: TenantId, minute: number, count: number): Promise<number>;
  read(tenant: TenantId, minute: number): Promise<number>;
}

export interface MeterPorts {
  readonly limits: LimitsOf;
  readonly counter: RequestCounter;
  readonly now: Clock;
}

const MINUTE_MS = 60_000;
export const minuteOf = (nowMs: number): number => Math.floor(nowMs / MINUTE_MS);

/** One write takes so many requests, but no more than a hundredth of the limit. */
const LARGEST_BLOCK = 50;
const BLOCKS_IN_A_LIMIT = 100;

export const blockOf = (limit: number): number =>
  Math.max(1, Math.min(LARGEST_BLOCK, Math.floor(limit / BLOCKS_IN_A_LIMIT)));

/** What this function has left of a minute. */
interface Minute {
  readonly minute: number;
  left: number;
  isFull: boolean;
  /**
   * Until then everybody is let in: the counter has just failed, and asking takes as long as its timeouts.
   */
  openUntilMs: number;
  taking?: Promise<void>;
}

const MAXIMUM_TENANTS = 1_000;
/** After so long, a counter that failed is asked again. */
const RETRY_MS = 5_000;

/**
 * Lets in as many of a tenant's requests in a minute as its limit says, and throws LimitError for the others.
 * Each function takes requests in blocks, with one write per block, so that all functions together never let
 * in more than the limit. What a function has taken and does not use is lost to the others: up to a hundredth
 * of the limit per function. Without a limit nothing is counted. While the counter does not answer, everybody
 * is let in, and it is asked again after a few seconds.
 */
export const requestMeter = ({ limits, counter, now }: MeterPorts) => {
  const minutes = new Map<TenantId, Minute>();

  const presentMinute = (tenant: TenantId): Minute => {
    const minute = minuteOf(now());
    const known = minutes.get(tenant);
    if (known?.minute === minute) return known;
    const fresh: Minute = { minute, left: 0, isFull: false, openUntilMs: 0 };
    remember(minutes, tenant, fresh, MAXIMUM_TENANTS);
    return fresh;
  };

  const take = async (tenant: TenantId, present: Minute, limit: number): Promise<void> => {
    const block = blockOf(limit);
    try {
      const total = await counter.add(tenant, present.minute, block);
      const granted = Math.max(0, Math.min(block, limit - (total - block)));
      present.left += granted;
      present.isFull = granted < block;
    } catch (error) {
      if (!doesNotAnswer(error)) throw error;
      present.openUntilMs = now() + RETRY_MS;
    } finally {
      present.taking = undefined;
    }
  };

  return async (tenant: TenantId): Promise<void> => {
    const { requestsPerMinute: limit } = await limits(tenant);
    if (limit === undefined) return;
    const present = presentMinute(tenant);
    while (present.left === 0) {
      if (now() < present.openUntilMs) return;
      if (present.isFull) throw tooMany(limit, (present.minute + 1) * MINUTE_MS - now());
      present.taking ??= take(tenant, present, limit);
      await present.taking;
    }
    present.left--;
  };
};

const tooMany = (limit: number, waitMs: number): LimitError => {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  const rule = `is ${limit}, and this minute's requests are used up`;
  return new LimitError(`requestsPerMinute ${rule}: try again in ${retryAfterSeconds} s`, {
    problems: [{ field: "requestsPerMinute", value: limit, rule }],
    retryAfterSeconds,
  });
};
