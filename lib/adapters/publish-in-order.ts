import { RefusedError, ThrottledError, UnavailableError } from "../core/errors.ts";
import type { OutgoingRecord } from "../core/stream/position-stream.ts";
import { isRefusal, isThrottling } from "./aws-errors.ts";
import { backOff, type Patience } from "./backoff.ts";
import { recordBytes } from "./record-size.ts";

/**
 * What PutRecords takes in one call: 500 records, and 5 MiB of data and keys, which every region and stream
 * grants.
 */
export const RECORDS_PER_CALL = 500;
export const BYTES_PER_CALL = 5 * 1024 * 1024;

/** Puts records in one call, and says for each in which way it failed: undefined when it was accepted. */
export type SendRecords = (records: readonly OutgoingRecord[]) => Promise<readonly (string | undefined)[]>;

/**
 * Sends every record, in the given order for each device. PutRecords accepts some records of a call and
 * refuses others, so a call holds at most one record of a device: its next one goes only when this one was
 * accepted. Gives up with ThrottledError or UnavailableError when a record was refused `patience.attempts`
 * times, and at once with RefusedError when it would be for ever.
 */
export const publishInOrder = async (
  records: readonly OutgoingRecord[],
  send: SendRecords,
  patience: Patience,
): Promise<void> => {
  const queues = [...Map.groupBy(records, ({ deviceId }) => deviceId).values()].map(queueOf);
  let waiting = queues;
  while (waiting.length > 0) {
    const { call, rest } = nextCall(waiting);
    const failures = await send(call.map(headOf));
    const refused: DeviceQueue[] = [];
    const accepted: DeviceQueue[] = [];
    for (const [index, queue] of call.entries()) {
      const failure = failures[index];
      if (failure === undefined) {
        queue.next++;
        queue.refusals = 0;
        if (queue.next < queue.records.length) accepted.push(queue);
      } else {
        queue.refusals++;
        if (isRefusal(failure) || queue.refusals >= patience.attempts) throw givenUp(queue, failure);
        refused.push(queue);
      }
    }
    // Devices that wait for their first turn come before those that had one.
    waiting = [...rest, ...refused, ...accepted];
    if (refused.length > 0) {
      await backOff(Math.max(...refused.map(({ refusals }) => refusals)), patience);
    }
  }
};

/** One device's records, and how far they are accepted. */
interface DeviceQueue {
  readonly records: readonly OutgoingRecord[];
  next: number;
  /** How often the next record has been refused. */
  refusals: number;
}

const queueOf = (records: readonly OutgoingRecord[]): DeviceQueue => ({ records, next: 0, refusals: 0 });

const headOf = (queue: DeviceQueue): OutgoingRecord => queue.records[queue.next];

const nextCall = (waiting: readonly DeviceQueue[]): { call: DeviceQueue[]; rest: DeviceQueue[] } => {
  let bytes = 0;
  let size = 0;
  while (size < waiting.length && size < RECORDS_PER_CALL) {
    bytes += recordBytes(headOf(waiting[size]));
    // The first record always fits: one within the stream's limit is within the call's.
    if (size > 0 && bytes > BYTES_PER_CALL) break;
    size++;
  }
  return { call: waiting.slice(0, size), rest: waiting.slice(size) };
};

const givenUp = (queue: DeviceQueue, failure: string): Error => {
  const message = `publish a record of device ${headOf(queue).deviceId}: ${failure}, ${queue.refusals} times`;
  if (isRefusal(failure)) return new RefusedError(message);
  return isThrottling(failure) ? new ThrottledError(message) : new UnavailableError(message);
};
