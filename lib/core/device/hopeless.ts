import { BacktrackError, type ErrorCode } from "../errors.ts";
import type { QuarantinedRecord } from "../quarantine/quarantine.ts";
import { addOutcomes, type DeviceOutcome, NOTHING_DONE } from "./device-outcome.ts";
import type { TrackedRecord } from "./read-record.ts";
import type { TrackingPorts } from "./track-device.ts";

/** What fails so fails again, however often it is tried: an item too large for its table, a stored state that is damaged. */
const HOPELESS: ReadonlySet<ErrorCode> = new Set(["too-large", "undecodable", "invalid-input"]);

/** Throttling, time-outs, missing rights and what nobody expected may pass: then records come again. */
export const isHopeless = (error: unknown): error is BacktrackError =>
  error instanceof BacktrackError && HOPELESS.has(error.code);

/**
 * Applies records that failed together one after the other, in their order. Each that can never be applied is set aside whole, with
 * the reason, so that it holds up neither its device nor its shard; whoever mends the cause puts it back from quarantine.
 */
export const applyOneByOne = async (
  { quarantine }: TrackingPorts,
  records: readonly TrackedRecord[],
  apply: (record: TrackedRecord) => Promise<DeviceOutcome>,
): Promise<DeviceOutcome> => {
  let done = NOTHING_DONE;
  for (const record of records) {
    try {
      done = addOutcomes(done, await apply(record));
    } catch (error) {
      if (!isHopeless(error)) throw error;
      await quarantine.put(whole(record, error));
      done = addOutcomes(done, { ...NOTHING_DONE, quarantinedRecordCount: 1 });
    }
  }
  return done;
};

const whole = (
  { recordId, stream, partitionKey, arrivedAtMs, data }: TrackedRecord,
  { message }: BacktrackError,
): QuarantinedRecord => ({
  recordId,
  stream,
  partitionKey,
  arrivedAtMs,
  reason: `it can't be applied: ${message}`,
  problems: [],
  data,
});
