import { compareSequenceNumbers } from "./sequence-number.ts";

/*
 * The fence names the stream's incarnation by its creation time: a stream that was recreated under its name
 * numbers its records from the start, and none of them is a redelivery.
 *
 * Whoever applies records asks for the creation time only now and then, so it may remember that of a deleted
 * stream. Three things give that away. Two of them show in arrival times, which the stream sets and which are
 * the same at every redelivery.
 *
 * - the fence is of a newer stream than the remembered one: the creation time is asked for again;
 * - the number is at or below the fence, but the record arrived after everything that was applied, so it is
 *   no redelivery. The creation time is asked for again. If it is the same, nobody can tell what the record
 *   is, and it goes to quarantine;
 * - the fence is of the older stream, but the device was heard since the newer one was created: it was saved
 *   under the wrong name, and counts as one of the newer stream.
 */

/**
 * Up to which record of which stream a device's records were applied. Records of that stream at or below the
 * sequence number are redeliveries. Another stream, or one recreated under the same name, has its own
 * numbering: its records pass.
 */
export interface Fence {
  /** The stream's ARN or, self-hosted, its name. */
  readonly stream: string;
  /**
   * When the stream was created, milliseconds since 1970; 0 when it is deleted and unknown. Absent in states
   * saved by early versions.
   */
  readonly streamCreatedAtMs?: number;
  readonly sequenceNumber: string;
}

/** The parts of a device's state that say what was applied. */
export interface Applied {
  readonly lastHeardMs: number;
  readonly fence?: Fence | undefined;
}

/** True when the fence shows that this record was applied, so it is a redelivery. */
export const isApplied = ({ fence, lastHeardMs }: Applied, record: Fence): boolean =>
  fence !== undefined &&
  fence.stream === record.stream &&
  isSameIncarnation(fence, lastHeardMs, record) &&
  compareSequenceNumbers(record.sequenceNumber, fence.sequenceNumber) <= 0;

/** True when the record's number says that it was applied, and its arrival time that it can't have been. */
export const isDoubtful = (applied: Applied, record: Fence & { readonly arrivedAtMs: number }): boolean =>
  isApplied(applied, record) && record.arrivedAtMs > applied.lastHeardMs;

/** True when the fence is of a stream that was created later under the same name. */
export const isOfOlderStream = (
  fence: Fence | undefined,
  { stream, streamCreatedAtMs = 0 }: Fence,
): boolean => fence?.stream === stream && streamCreatedAtMs < (fence.streamCreatedAtMs ?? 0);

/** The fence after this record. Left-over records of a deleted stream don't move it back. */
export const fenceAfter = (fence: Fence | undefined, record: Fence): Fence => {
  const { stream, streamCreatedAtMs, sequenceNumber } = record;
  if (fence !== undefined && isOfOlderStream(fence, record)) return fence;
  return { stream, ...(streamCreatedAtMs !== undefined && { streamCreatedAtMs }), sequenceNumber };
};

/**
 * The creation time of the stream that a record came from, when `createdAtMs` is that of the stream that has
 * its name now. A record that arrived before that is of an earlier stream: the one that the fence names, or
 * an unknown one.
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
