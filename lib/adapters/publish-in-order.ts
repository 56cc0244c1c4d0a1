import {
  type BacktrackError,
  isHopeless,
  MisconfiguredError,
  ThrottledError,
  UnavailableError,
} from "../core/errors.ts";
import type { OutgoingRecord } from "../core/stream/position-stream.ts";
import { backOff, type Patience } from "./backoff.ts";
import { recordBytes } from "./record-size.ts";

/**
 * What PutRecords takes in one call: 500 records, and 5 MiB of data and keys, which every region and stream
 * grants. For JetStream it is how much may be in flight.
 */
export const RECORDS_PER_CALL = 500;
export const BYTES_PER_CALL = 5 * 1024 * 1024;

/** Puts records in one call, and says for each why it failed: undefined when it was accepted. */
export type SendRecords<Outgoing extends OutgoingRecord = OutgoingRecord> = (
  records: readonly Outgoing[],
) => Promise<readonly (BacktrackError | undefined)[]>;

/**
 * Sends every record, in the given order for each device. A stream accepts some records of a call and refuses
 * others, so a call holds at most one record of a device: its next one goes only when this one was accepted.
 * Gives up with ThrottledError or UnavailableError when a record was refused `patience.attempts` times, and
 * at once with the reason when it would be refused for ever.
 */
export const publishInOrder = async <Outgoing extends OutgoingRecord>(
  records: readonly Outgoing[],
  send: SendRecords<Outgoing>,
  patience: Patience,
): Promise<void> => {
  let waiting = [...Map.groupBy(records, ({ deviceId }) => deviceId).values()].map(queueOf);
  while (waiting.length > 0) {
    const { call, rest } = nextCall(waiting);
    const failures = await send(call.map(headOf));
    const refused: DeviceQueue<Outgoing>[] = [];
    const accepted: DeviceQueue<Outgoing>[] = [];
    for (const [index, queue] of call.entries()) {
      const failure = failures[index];
      if (failure === undefined) {
        queue.next++;
        queue.refusals = 0;
        if (queue.next < queue.records.length) accepted.push(queue);
      } else {
        queue.refusals++;
        if (isForGood(failure)) throw failure;
        if (queue.refusals >= patience.attempts) throw givenUp(queue, failure);
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
interface DeviceQueue<Outgoing> {
  readonly records: readonly Outgoing[];
  next: number;
  /** How often the next record has been refused. */
  refusals: number;
}

const queueOf = <Outgoing>(records: readonly Outgoing[]): DeviceQueue<Outgoing> => ({
  records,
  next: 0,
  refusals: 0,
});

const headOf = <Outgoing>(queue: DeviceQueue<Outgoing>): Outgoing => queue.records[queue.next];

const nextCall = <Queue extends DeviceQueue<OutgoingRecord>>(
  waiting: readonly Queue[],
): { call: Queue[]; rest: Queue[] } => {
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

const isForGood = (failure: BacktrackError): boolean =>
  failure instanceof MisconfiguredError || isHopeless(failure);

const givenUp = (queue: DeviceQueue<OutgoingRecord>, cause: BacktrackError): Error => {
  const message = `publish a record of device ${headOf(queue).deviceId}: ${cause.message}, ${queue.refusals} times`;
  return cause instanceof ThrottledError
    ? new ThrottledError(message, { cause })
    : new UnavailableError(message, { cause });
};
