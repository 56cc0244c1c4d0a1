import { mapConcurrently } from "../concurrency.ts";
import { isOfOlderStream } from "../identity/fence.ts";
import { PositionBuffer } from "../position/position-buffer.ts";
import { readSegment, type SegmentPorts } from "../track/damaged-segment.ts";
import {
  type LatePart,
  lateSpanOf,
  type SealedSegment,
  type TrackId,
  type TrackStore,
} from "../track/track-store.ts";
import { bringerOf, decodeBringers, SETTLED } from "./bringers.ts";
import type { DeviceState } from "./device-state.ts";
import { type LateArrival, lateRanges } from "./late-arrival.ts";
import { addToSpan, type Brought, type OpenPart } from "./late-span.ts";
import { conflictBetween, type LateOutcome, type PositionConflict } from "./position-conflict.ts";
import { hasPassed, isOfStream, markOf } from "./record-mark.ts";

const REQUESTS_AT_ONCE = 8;

export interface LatePorts extends SegmentPorts {
  readonly tracks: TrackStore;
}

/** The late positions of a batch, and what it sealed, which is already on the track. */
export interface LateBatch {
  readonly late: readonly LateArrival[];
  readonly sealed: readonly SealedSegment[];
}

/**
 * Stores the late positions that the track does not have yet, and returns the outcome of all. The track is
 * read once for the whole batch. A position whose time is already there is a duplicate, or a conflict if the
 * place differs.
 *
 * A record that is applied again after a crash must decide as before. So a position counts as known only if
 * the device's fence has passed it or the batch itself brought it earlier: a sealed segment of a record
 * beyond the fence comes from a state that was never saved, and a late position that this very record brought
 * is known but still to be counted.
 */
export const storeLate = async (
  ports: LatePorts,
  trackId: TrackId,
  state: DeviceState,
  { late, sealed }: LateBatch,
): Promise<LateOutcome> => {
  if (late.length === 0) return { storedCount: 0, duplicateCount: 0, conflicts: [] };
  const lookup = new Lookup(late);
  for (const segment of sealed) lookup.addSettled(readSegment(ports, trackId, segment));
  await mapConcurrently(lateRanges(late), REQUESTS_AT_ONCE, async (range) => {
    for await (const segment of ports.tracks.segments(trackId, range)) {
      if (segment.kind === "late") lookup.addPart(segment, readSegment(ports, trackId, segment));
      else if (isTrusted(state, segment)) lookup.addSettled(readSegment(ports, trackId, segment));
    }
  });
  const decided = decide(lookup, state, late);
  await mapConcurrently([...decided.spans], REQUESTS_AT_ONCE, async ([beginMs, added]) => {
    const { last, nextPart } = lookup.spans.get(beginMs) ?? { nextPart: 0 };
    const newest = markOf(late[added.newestArrival]);
    const { latePartBytes } = ports.tracks;
    for (const part of addToSpan(last, nextPart, gathered(added), newest, state.fence, latePartBytes)) {
      await ports.tracks.putLate(trackId, part);
    }
  });
  return decided.outcome;
};

/**
 * Whether the positions of a sealed segment are counted. The fence says nothing about records of another
 * stream: those are trusted.
 */
const isTrusted = ({ fence }: DeviceState, { sealedBy }: SealedSegment): boolean =>
  sealedBy === undefined ||
  hasPassed(fence, sealedBy) ||
  (fence !== undefined && !isOfStream(fence, sealedBy));

/** A position of the track, and the record that brought it as long as it is not counted. */
interface Known {
  readonly positions: PositionBuffer;
  readonly index: number;
  readonly bringer: number;
}

interface Span {
  /** The part to add to; absent when there is none, or when it is damaged. */
  readonly last?: OpenPart;
  readonly nextPart: number;
}

/** What the track has at the times that matter. */
class Lookup {
  readonly known = new Map<number, Known>();
  readonly spans = new Map<number, Span>();
  private readonly wanted = new Set<number>();

  constructor(late: readonly LateArrival[]) {
    for (const { positions } of late) {
      for (let index = 0; index < positions.count; index++) this.wanted.add(positions.timestampsMs[index]);
    }
  }

  addSettled(positions: PositionBuffer | undefined): void {
    if (positions !== undefined) this.add(positions, () => SETTLED);
  }

  addPart(stored: LatePart, positions: PositionBuffer | undefined): void {
    const bringers = decodeBringers(stored.bringers, stored.positionCount);
    const beginMs = lateSpanOf(stored.firstTimestampMs);
    const { nextPart } = this.spans.get(beginMs) ?? { nextPart: 0 };
    if (stored.part >= nextPart) {
      const last = positions && { stored, positions, bringers };
      this.spans.set(beginMs, { ...(last && { last }), nextPart: stored.part + 1 });
    }
    if (positions !== undefined) this.add(positions, (index) => bringers[index]);
  }

  private add(positions: PositionBuffer, bringerAt: (index: number) => number): void {
    for (let index = 0; index < positions.count; index++) {
      const timestampMs = positions.timestampsMs[index];
      if (!this.wanted.has(timestampMs)) continue;
      const before = this.known.get(timestampMs);
      // A position that is counted in one segment is not counted again.
      if (before?.bringer === SETTLED) continue;
      this.known.set(timestampMs, { positions, index, bringer: bringerAt(index) });
    }
  }
}

interface Added {
  readonly places: { readonly arrival: LateArrival; readonly index: number }[];
  /** Index of the last record that brought any of them. */
  newestArrival: number;
}

/** Goes through the late positions in the order they came. */
const decide = ({ known }: Lookup, { fence }: DeviceState, late: readonly LateArrival[]) => {
  const spans = new Map<number, Added>();
  const conflicts: PositionConflict[] = [];
  let storedCount = 0;
  let duplicateCount = 0;
  let oldestStoredMs: number | undefined;
  for (const [number, arrival] of late.entries()) {
    const { positions, sequenceNumber } = arrival;
    // Left-over records of a deleted stream may have been applied: better not counted than counted twice.
    const own = isOfOlderStream(fence, arrival) ? undefined : bringerOf(arrival);
    for (let index = 0; index < positions.count; index++) {
      const timestampMs = positions.timestampsMs[index];
      const there = known.get(timestampMs);
      if (there === undefined || there.bringer === own) {
        storedCount++;
        oldestStoredMs = Math.min(oldestStoredMs ?? timestampMs, timestampMs);
        if (there !== undefined) {
          known.set(timestampMs, { ...there, bringer: SETTLED });
          continue;
        }
        known.set(timestampMs, { positions, index, bringer: SETTLED });
        const beginMs = lateSpanOf(timestampMs);
        const added = spans.get(beginMs) ?? { places: [], newestArrival: number };
        added.places.push({ arrival, index });
        added.newestArrival = number;
        spans.set(beginMs, added);
        continue;
      }
      const conflict = conflictBetween(sequenceNumber, positions, index, there.positions, there.index);
      if (conflict === undefined) duplicateCount++;
      else conflicts.push(conflict);
    }
  }
  const outcome: LateOutcome = {
    storedCount,
    ...(oldestStoredMs !== undefined && { oldestStoredMs }),
    duplicateCount,
    conflicts,
  };
  return { spans, outcome };
};

/** In time order, each with the record that brought it. */
const gathered = ({ places }: Added): Brought => {
  const timeOf = ({ arrival, index }: Added["places"][number]) => arrival.positions.timestampsMs[index];
  const ordered = places.toSorted((left, right) => timeOf(left) - timeOf(right));
  const positions = new PositionBuffer(places.length);
  for (const { arrival, index } of ordered) positions.append(arrival.positions, index, index + 1);
  return { positions, bringers: ordered.map(({ arrival }) => bringerOf(arrival)) };
};
