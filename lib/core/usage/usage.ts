import type { Claims } from "../claims/claims.ts";
import type { Clock } from "../clock.ts";
import type { DeviceListRequest, DeviceStore } from "../device/device-store.ts";
import type { Page, PageRequest } from "../page.ts";
import type { RecordingStore } from "../recording/recording.ts";
import { activeReplays } from "../replay/active-replays.ts";
import type { ReplayStore } from "../replay/replay-store.ts";
import type { ReplayScheduleReader } from "../schedule/replay-schedule.ts";
import type { ShareStore } from "../share/share.ts";
import { minuteOf, type RequestCounter } from "../tenant/request-meter.ts";
import type { TenantId } from "../tenant/tenant-id.ts";
import type { TenantLimitStore, TenantLimits } from "../tenant/tenant-limits.ts";

export interface StoredPorts {
  readonly devices: Pick<DeviceStore, "list">;
  readonly recordings: Pick<RecordingStore, "list">;
}

/** What a tenant has stored. */
export interface Stored {
  readonly devices: number;
  readonly recordings: number;
  /** Positions of its devices, late ones too, and of its recordings. */
  readonly storedPositions: number;
  /** False when there was more than is counted in one go: then there is more than this says. */
  readonly isComplete: boolean;
}

const PAGE_ITEMS = 1_000;
/** Of each kind: what bounds the work of one request. */
const MAXIMUM_PAGES = 10;

/** Counts devices and recordings, and what their items say of positions: 10,000 of each at most. */
export const countStored = async ({ devices, recordings }: StoredPorts): Promise<Stored> => {
  const [ofDevices, ofRecordings] = await Promise.all([
    counted((request) => devices.list(request as DeviceListRequest), positionsOf),
    counted((request) => recordings.list(request), positionsOf),
  ]);
  return {
    devices: ofDevices.count,
    recordings: ofRecordings.count,
    storedPositions: ofDevices.positions + ofRecordings.positions,
    isComplete: ofDevices.isComplete && ofRecordings.isComplete,
  };
};

const positionsOf = ({ positionCount }: { readonly positionCount: number }): number => positionCount;

const counted = async <Item>(
  list: (request: PageRequest) => Promise<Page<Item>>,
  positions: (item: Item) => number = () => 0,
): Promise<{ readonly count: number; readonly positions: number; readonly isComplete: boolean }> => {
  let cursor: string | undefined;
  let count = 0;
  let sum = 0;
  for (let page = 0; page < MAXIMUM_PAGES; page++) {
    const { items, cursor: next }: Page<Item> = await list({
      limit: PAGE_ITEMS,
      ...(cursor !== undefined && { cursor }),
    });
    count += items.length;
    for (const item of items) sum += positions(item);
    cursor = next;
    if (cursor === undefined) return { count, positions: sum, isComplete: true };
  }
  return { count, positions: sum, isComplete: false };
};

export interface UsagePorts extends StoredPorts {
  readonly limits: Pick<TenantLimitStore, "of">;
  readonly requests: Pick<RequestCounter, "read">;
  readonly replays: Pick<ReplayStore, "get">;
  readonly claims: Claims;
  readonly shares: Pick<ShareStore, "list">;
  readonly schedules: Pick<ReplayScheduleReader, "count">;
  readonly now: Clock;
}

export interface Usage extends Stored {
  readonly limits: TenantLimits;
  readonly replaysAtOnce: number;
  readonly replaySchedules: number;
  readonly shares: number;
  /**
   * Let in this minute, and reserved by functions for later in it; absent where requests are not limited,
   * because then they are not counted.
   */
  readonly requestsThisMinute?: number;
}

const MAXIMUM_SCHEDULES = 1_000;

/** What a tenant may have, and has. Reads a bounded part of the tables, and changes nothing. */
export const usageOf = async (ports: UsagePorts, tenant: TenantId): Promise<Usage> => {
  const { now, claims, replays } = ports;
  const nowMs = now();
  const limits = await ports.limits.of(tenant);
  // Counting would clear the places of replays that have ended. A reader leaves that to those who need a
  // place.
  const looking = { replays, now, claims: { ...claims, remove: async () => undefined } };
  const [stored, active, shares, replaySchedules, requests] = await Promise.all([
    countStored(ports),
    activeReplays(looking),
    counted((request) => ports.shares.list(request, nowMs)),
    ports.schedules.count(MAXIMUM_SCHEDULES),
    limits.requestsPerMinute === undefined ? undefined : ports.requests.read(tenant, minuteOf(nowMs)),
  ]);
  return {
    ...stored,
    limits,
    replaysAtOnce: active.length,
    replaySchedules,
    shares: shares.count,
    // The last block may reach beyond the limit; nobody is let in by that part of it.
    ...(requests !== undefined && {
      requestsThisMinute: Math.min(requests, limits.requestsPerMinute ?? requests),
    }),
    isComplete: stored.isComplete && shares.isComplete,
  };
};
