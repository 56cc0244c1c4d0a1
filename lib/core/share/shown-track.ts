import { ABSENT, POSITION_FIELDS, type Position, type PositionField } from "../position/position.ts";
import { PositionBuffer } from "../position/position-buffer.ts";
import { type ReadTrackPorts, readTrack } from "../track/read-track.ts";
import type { TimeRange, TrackId } from "../track/track-store.ts";
import { type PlaceFilter, placeFilter } from "./area.ts";
import type { ShareBounds } from "./share.ts";

/** How far one answer looks. By times alone: by how many positions it passes over, it would tell of them. */
export interface LookLimits {
  /** A page of a share with places ends at the latest where this length of time does, counted from 1970. */
  readonly pageMs: number;
  /** The newest position of a share with places is not older than this. */
  readonly lookBackMs: number;
  /** The most positions in memory. It changes no answer. */
  readonly readAtOnce: number;
  /** A window with more positions is too large to find the newest one at its end. It changes no answer. */
  readonly fullWindow: number;
}

const DAY_MS = 24 * 60 * 60_000;

/** At one position a second, a page passes over 86,400 at most, and the newest is found among 604,800. */
export const LOOK: LookLimits = {
  pageMs: DAY_MS,
  lookBackMs: 7 * DAY_MS,
  readAtOnce: 10_000,
  fullWindow: 50_000,
};

export interface ShownTrackPorts extends ReadTrackPorts {
  readonly look: LookLimits;
}

export interface ShownTrackRequest extends TimeRange {
  /** At most this many positions, 1 or more. */
  readonly limit: number;
  /** A device's tail, loaded before this call; see readTrack. */
  readonly tail?: PositionBuffer;
  /** Now, for a track that still grows: the page that reaches this moment is the last one. */
  readonly liveAtMs?: number;
}

export interface ShownPage {
  /** In time order, each timestamp once. */
  readonly positions: PositionBuffer;
  /**
   * Where the next page begins. It is the time of a position that is shown, or a mark of LookLimits.pageMs:
   * it tells of no other position.
   */
  readonly nextMs?: number;
}

const columnOf = (name: PositionField["name"]): number =>
  POSITION_FIELDS.findIndex((field) => field.name === name);
/** They measure from the position before, which may be one that is not shown. */
const SINCE_THE_ONE_BEFORE = [columnOf("distanceMeters"), columnOf("elapsedSeconds")];

const hasPlaceBounds = ({ area, hidden }: ShareBounds): boolean => area !== undefined || hidden.length > 0;

const within = ({ fromMs, toMs }: ShareBounds, range: TimeRange): TimeRange => ({
  fromMs: Math.max(range.fromMs, fromMs ?? 0),
  toMs: Math.min(range.toMs, toMs ?? Number.POSITIVE_INFINITY),
});

/** Copies a position without what it says of the one before it. */
const show = (target: PositionBuffer, source: PositionBuffer, index: number): void => {
  target.append(source, index, index + 1);
  for (const column of SINCE_THE_ONE_BEFORE) target.columns[column][target.count - 1] = ABSENT;
};

/**
 * Where a page ends that begins in a range: at a mark of time, whatever there is before it, unless the whole
 * range is shown.
 */
const pageEnd = (bounds: ShareBounds, range: TimeRange, pageMs: number, liveAtMs?: number): number => {
  // A track that has no end, and is not live, has no last mark either.
  const hasMarks = hasPlaceBounds(bounds) && (liveAtMs !== undefined || bounds.toMs !== undefined);
  if (!hasMarks) return range.toMs;
  const endMs = (Math.floor(range.fromMs / pageMs) + 1) * pageMs - 1;
  return liveAtMs !== undefined && endMs >= liveAtMs ? range.toMs : Math.min(endMs, range.toMs);
};

/**
 * Reads a page of what is shown of a track. The page of a share with places ends early at a mark of time,
 * perhaps without a position. Damaged segments are left out without a word: unknown which of their positions
 * would be shown.
 */
export const readShownTrack = async (
  ports: ShownTrackPorts,
  trackId: TrackId,
  bounds: ShareBounds,
  { limit, tail, liveAtMs, ...asked }: ShownTrackRequest,
): Promise<ShownPage> => {
  const { pageMs, readAtOnce } = ports.look;
  const isShown = placeFilter(bounds);
  const range = within(bounds, asked);
  const toMs = pageEnd(bounds, range, pageMs, liveAtMs);
  const atOnce = hasPlaceBounds(bounds) ? readAtOnce : limit + 1;
  const shown = new PositionBuffer();
  for (let atMs: number | undefined = range.fromMs; atMs !== undefined && atMs <= toMs; ) {
    const page = await readTrack(ports, trackId, { fromMs: atMs, toMs, limit: atOnce, tail });
    const { positions } = page;
    for (let index = 0; index < positions.count; index++) {
      if (!isShown(positions, index)) continue;
      if (shown.count === limit) return { positions: shown, nextMs: positions.timestampsMs[index] };
      show(shown, positions, index);
    }
    atMs = page.nextMs;
  }
  return { positions: shown, ...(toMs < range.toMs && { nextMs: toMs + 1 }) };
};

const FIRST_LOOK_MS = 10 * 60_000;

/**
 * The newest position of a track that is shown. Looks back from the newest position in windows, each twice as
 * long as the one before while they are not too full. Where places are hidden it looks back for a limited
 * time, so that a device which stays in one does not cost more and more.
 */
export const newestShown = async (
  ports: ShownTrackPorts,
  trackId: TrackId,
  bounds: ShareBounds,
  { tail, liveAtMs = Number.POSITIVE_INFINITY, ...asked }: Omit<ShownTrackRequest, "limit">,
): Promise<Position | undefined> => {
  const { lookBackMs, fullWindow } = ports.look;
  const isShown = placeFilter(bounds);
  const range = within(bounds, asked);
  const { toMs } = range;
  const oldestMs = hasPlaceBounds(bounds) ? Math.min(toMs, liveAtMs) - lookBackMs : 0;
  const fromMs = Math.max(range.fromMs, oldestMs);
  const inTail = tail && lastShown(tail, isShown, { fromMs, toMs });
  // What is as new as the tail is in the tail.
  if (inTail !== undefined) return inTail;
  let endMs = tail !== undefined && tail.count > 0 ? Math.min(toMs, tail.timestampsMs[0] - 1) : toMs;
  for (let lookMs = FIRST_LOOK_MS; endMs >= fromMs; ) {
    const beginMs = Math.max(fromMs, endMs - lookMs + 1);
    const seen = await lookThrough(ports, trackId, isShown, { fromMs: beginMs, toMs: endMs });
    if (seen === "too full") {
      // What is wanted is at its end.
      lookMs = Math.ceil((endMs - beginMs + 1) / 2);
      continue;
    }
    if (seen.newest !== undefined) return seen.newest;
    endMs = beginMs - 1;
    if (seen.lookedAt < fullWindow / 4) lookMs *= 2;
  }
  return undefined;
};

/** A window is too full while it can be halved and has more than so many positions. */
const lookThrough = async (
  ports: ShownTrackPorts,
  trackId: TrackId,
  isShown: PlaceFilter,
  { fromMs, toMs }: TimeRange,
): Promise<"too full" | { readonly newest?: Position; readonly lookedAt: number }> => {
  const { readAtOnce, fullWindow } = ports.look;
  let newest: Position | undefined;
  let lookedAt = 0;
  for (let atMs: number | undefined = fromMs; atMs !== undefined; ) {
    const page = await readTrack(ports, trackId, { fromMs: atMs, toMs, limit: readAtOnce });
    newest = lastShown(page.positions, isShown, { fromMs, toMs }) ?? newest;
    lookedAt += page.positions.count;
    atMs = page.nextMs;
    if (atMs !== undefined && lookedAt >= fullWindow && toMs > fromMs) return "too full";
  }
  return { ...(newest && { newest }), lookedAt };
};

const lastShown = (
  positions: PositionBuffer,
  isShown: PlaceFilter,
  { fromMs, toMs }: TimeRange,
): Position | undefined => {
  for (let index = positions.count - 1; index >= 0; index--) {
    const timestampMs = positions.timestampsMs[index];
    if (timestampMs < fromMs || timestampMs > toMs || !isShown(positions, index)) continue;
    const one = new PositionBuffer(1);
    show(one, positions, index);
    return one.at(0);
  }
  return undefined;
};
