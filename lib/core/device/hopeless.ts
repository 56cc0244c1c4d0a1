import { type BacktrackError, isHopeless } from "../errors.ts";
import type { QuarantinedRecord } from "../quarantine/quarantine.ts";
import { addOutcomes, type DeviceOutcome, NOTHING_DONE } from "./device-outcome.ts";
import type { TrackedRecord } from "./read-record.ts";
import type { TrackingPorts } from "./track-device.ts";

/**
 * Applies records that failed as a batch one by one, in their order. A record that can never be applied goes
 * to quarantine whole, with the reason, so that it blocks neither its device nor its shard. When the cause is
 * fixed it can be put back from quarantine.
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
