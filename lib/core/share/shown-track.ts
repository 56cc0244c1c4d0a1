import { ABSENT, POSITION_FIELDS, type Position, type PositionField } from "../position/position.ts";
import { PositionBuffer } from "../position/position-buffer.ts";
import { type ReadTrackPorts, readTrack } from "../track/read-track.ts";
import type { TimeRange, TrackId } from "../track/track-store.ts";
import { type PlaceFilter, placeFilter } from "./area.ts";
import type { ShareBounds } from "./share.ts";

export interface ShownTrackRequest extends TimeRange {
  /** At most this many positions, 1 or more. */
  readonly limit: number;
  /** A device's tail, loaded before this call; see readTrack. */
  readonly tail?: PositionBuffer;
}

export interface ShownPage {
  /** In time order, each timestamp once. */
  readonly positions: PositionBuffer;
  /**
   * Where the next page begins. It is the time of a position that is shown, or a whole minute: it tells of no
   * other position.
   */
  readonly nextMs?: number;
}

/** So many positions a page looks at, in few reads of the store, before it ends early. */
const LOOKED_AT = 50_000;
const READ_AT_ONCE = 10_000;
const MINUTE_MS = 60_000;

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
 * Reads a page of what is shown of a track. A page ends early, perhaps without a position, when it had to
 * pass over very many that are not shown. Damaged segments are left out without a word: unknown which of
 * their positions would be shown.
 */
export const readShownTrack = async (
  ports: ReadTrackPorts,
  trackId: TrackId,
  bounds: ShareBounds,
  { limit, tail, ...asked }: ShownTrackRequest,
): Promise<ShownPage> => {
  const isShown = placeFilter(bounds);
  const range = within(bounds, asked);
  const atOnce = hasPlaceBounds(bounds) ? READ_AT_ONCE : limit + 1;
  const shown = new PositionBuffer();
  let { fromMs, toMs } = range;
  let lookedAt = 0;
  while (fromMs <= toMs) {
    const page = await readTrack(ports, trackId, { fromMs, toMs, limit: atOnce, tail });
    const { positions } = page;
    for (let index = 0; index < positions.count; index++) {
      if (!isShown(positions, index)) continue;
      if (shown.count === limit) return { positions: shown, nextMs: positions.timestampsMs[index] };
      show(shown, positions, index);
    }
    if (page.nextMs === undefined) break;
    fromMs = page.nextMs;
    lookedAt += positions.count;
    // To the end of the minute: where exactly it was enough tells of positions that are not shown.
    if (lookedAt >= LOOKED_AT) toMs = Math.min(toMs, lastOfMinute(fromMs));
  }
  return { positions: shown, ...(toMs < range.toMs && { nextMs: toMs + 1 }) };
};

const lastOfMinute = (timestampMs: number): number =>
  (Math.floor(timestampMs / MINUTE_MS) + 1) * MINUTE_MS - 1;

const FIRST_LOOK_MS = 10 * MINUTE_MS;

/**
 * The newest position of a track that is shown. Looks back from the newest position in times twice as long
 * each, until it has looked at many positions: of a device that has been in hidden places for very long
 * nothing is shown.
 */
export const newestShown = async (
  ports: ReadTrackPorts,
  trackId: TrackId,
  bounds: ShareBounds,
  { tail, ...asked }: Omit<ShownTrackRequest, "limit">,
): Promise<Position | undefined> => {
  const isShown = placeFilter(bounds);
  const { fromMs, toMs } = within(bounds, asked);
  const inTail = tail && lastShown(tail, isShown, { fromMs, toMs });
  // What is as new as the tail is in the tail.
  if (inTail !== undefined) return inTail;
  let lookedAt = 0;
  let endMs = tail !== undefined && tail.count > 0 ? Math.min(toMs, tail.timestampsMs[0] - 1) : toMs;
  for (let lookMs = FIRST_LOOK_MS; endMs >= fromMs && lookedAt < LOOKED_AT; lookMs *= 2) {
    const beginMs = Math.max(fromMs, endMs - lookMs + 1);
    let newest: Position | undefined;
    for (let atMs: number | undefined = beginMs; atMs !== undefined; ) {
      const page = await readTrack(ports, trackId, { fromMs: atMs, toMs: endMs, limit: READ_AT_ONCE });
      newest = lastShown(page.positions, isShown, { fromMs: beginMs, toMs: endMs }) ?? newest;
      lookedAt += page.positions.count;
      atMs = page.nextMs;
      // A time that is this full is not looked through.
      if (lookedAt >= 2 * LOOKED_AT) return undefined;
    }
    if (newest !== undefined) return newest;
    endMs = beginMs - 1;
  }
  return undefined;
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
