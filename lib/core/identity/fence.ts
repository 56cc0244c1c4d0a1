import { compareSequenceNumbers } from "./sequence-number.ts";

/*
 * The fence names the stream's incarnation, its creation time: a stream that was made anew under its name numbers its records
 * from the start, and nothing of it may be taken for a redelivery.
 *
 * Who applies a record asks for the creation time now and then only, so it may hold that of a stream which is gone. Three
 * things give it away. Arrival times tell two of them: they are the stream's own, and the same at every redelivery.
 *
 * - a fence of a newer stream than the one that is remembered: the creation time is asked for anew;
 * - a number at or below the fence, from a record that arrived after all that was applied: that is no redelivery. The
 *   creation time is asked for anew. When it stays the same nobody can tell what the record is, and it goes to quarantine;
 * - a fence of the older stream on a device that was heard since the newer one was made: it was saved under the wrong name,
 *   and counts as one of the newer stream.
 */

/**
 * How far into which stream a device has been applied. Records of that stream at or below the sequence number are
 * redeliveries. Another stream, and one that was made anew under the same name, has another numbering: its records pass.
 */
export interface Fence {
  /** The stream's ARN or, self-hosted, its name. */
  readonly stream: string;
  /** When the stream was created, milliseconds since 1970; 0: it is gone, and nobody knows. Absent in what was saved before it was kept. */
  readonly streamCreatedAtMs?: number;
  readonly sequenceNumber: string;
}

/** What a fence is held against: the parts of a device's state that tell what was applied. */
export interface Applied {
  readonly lastHeardMs: number;
  readonly fence?: Fence | undefined;
}

/** True when the fence shows that this record was applied: it is a redelivery. */
export const isApplied = ({ fence, lastHeardMs }: Applied, record: Fence): boolean =>
  fence !== undefined &&
  fence.stream === record.stream &&
  isSameIncarnation(fence, lastHeardMs, record) &&
  compareSequenceNumbers(record.sequenceNumber, fence.sequenceNumber) <= 0;

/** True when the number says that the record was applied, and its arrival that it can't have been. */
export const isDoubtful = (applied: Applied, record: Fence & { readonly arrivedAtMs: number }): boolean =>
  isApplied(applied, record) && record.arrivedAtMs > applied.lastHeardMs;

/** True when the fence is of a stream that was made later under the same name. */
export const isOfOlderStream = (
  fence: Fence | undefined,
  { stream, streamCreatedAtMs = 0 }: Fence,
): boolean => fence?.stream === stream && streamCreatedAtMs < (fence.streamCreatedAtMs ?? 0);

/** The fence when the record has been applied too. What is left of a stream that is gone does not move it back. */
export const fenceAfter = (fence: Fence | undefined, record: Fence): Fence => {
  const { stream, streamCreatedAtMs, sequenceNumber } = record;
  if (fence !== undefined && isOfOlderStream(fence, record)) return fence;
  return { stream, ...(streamCreatedAtMs !== undefined && { streamCreatedAtMs }), sequenceNumber };
};

/**
 * The creation time of the stream that a record came from, when `createdAtMs` is that of the stream that has its name now.
 * A record that arrived before is of an earlier stream: the one that the fence names, or one that nobody knows.
 */
export const creationOf = (
  { fence }: Applied,
  { stream, arrivedAtMs }: { readonly stream: string; readonly arrivedAtMs: number },
  createdAtMs: number,
): number => {
  if (arrivedAtMs >= createdAtMs) return createdAtMs;
  const fencedMs = fence?.stream === stream ? fence.streamCreatedAtMs : undefined;
  return fencedMs !== undefined && fencedMs <= arrivedAtMs ? fencedMs : 0;
};

/** Where one of the two creation times is not known, the name decides. */
const isSameIncarnation = (
  { streamCreatedAtMs: fencedMs }: Fence,
  lastHeardMs: number,
  { streamCreatedAtMs: createdAtMs }: Fence,
): boolean =>
  fencedMs === undefined ||
  createdAtMs === undefined ||
  fencedMs === createdAtMs ||
  (fencedMs < createdAtMs && createdAtMs <= lastHeardMs);
