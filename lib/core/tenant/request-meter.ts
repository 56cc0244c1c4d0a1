import type { Clock } from "../clock.ts";
import { LimitError, ThrottledError, UnavailableError } from "../errors.ts";
import type { TenantId } from "./tenant-id.ts";
import type { LimitsOf } from "./tenant-limits.ts";

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

/**
 * A write for so many requests, where the limit is large enough that what one function keeps back is a
 * hundredth of it.
 */
const LARGEST_BLOCK = 50;
const BLOCKS_IN_A_LIMIT = 100;

export const blockOf = (limit: number): number =>
  Math.max(1, Math.min(LARGEST_BLOCK, Math.floor(limit / BLOCKS_IN_A_LIMIT)));

/** What is left of a minute in this function. */
interface Minute {
  readonly minute: number;
  left: number;
  isFull: boolean;
  taking?: Promise<void>;
}

const MAXIMUM_TENANTS = 1_000;

/**
 * Lets in as many requests of a tenant in a minute as its limit says, and throws LimitError for the others.
 * Each function takes its part of the minute in blocks, by one write for each, so that of all together never
 * more are let in than the limit; what a function has taken and does not use is lost to the others, up to a
 * hundredth of the limit for each. Of a tenant without a limit nothing is counted. While the counter does not
 * answer, requests are let in.
 */
export const requestMeter = ({ limits, counter, now }: MeterPorts) => {
  const minutes = new Map<TenantId, Minute>();

  const presentMinute = (tenant: TenantId): Minute => {
    const minute = minuteOf(now());
    const known = minutes.get(tenant);
    if (known?.minute === minute) return known;
    const fresh: Minute = { minute, left: 0, isFull: false };
    minutes.delete(tenant);
    for (const oldest of minutes.keys()) {
      if (minutes.size < MAXIMUM_TENANTS) break;
      minutes.delete(oldest);
    }
    minutes.set(tenant, fresh);
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
      if (!(error instanceof ThrottledError || error instanceof UnavailableError)) throw error;
      present.left += block;
    } finally {
      present.taking = undefined;
    }
  };

  return async (tenant: TenantId): Promise<void> => {
    const { requestsPerMinute: limit } = await limits(tenant);
    if (limit === undefined) return;
    const present = presentMinute(tenant);
    while (present.left === 0) {
      if (present.isFull) throw tooMany(limit, (present.minute + 1) * MINUTE_MS - now());
      present.taking ??= take(tenant, present, limit);
      await present.taking;
    }
    present.left--;
  };
};

const tooMany = (limit: number, waitMs: number): LimitError => {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  const rule = `is at most ${limit}, and so many were let in this minute`;
  return new LimitError(`requestsPerMinute ${rule}: ask again in ${retryAfterSeconds} s`, {
    problems: [{ field: "requestsPerMinute", value: limit, rule }],
    retryAfterSeconds,
  });
};
