import { NotFoundError } from "../errors.ts";
import type { PositionStream } from "../stream/position-stream.ts";
import type { QuarantineStore } from "./quarantine.ts";

export interface RedriveRecordPorts {
  readonly quarantine: Pick<QuarantineStore, "get" | "remove">;
  readonly stream: PositionStream;
}

/**
 * Puts a whole quarantined record back on the stream, then removes it from quarantine. If it breaks off in
 * between, the record stays, and its positions are counted once however often they come. What still can't be
 * applied goes to quarantine again, as a new record. Throws NotFoundError, and what the stream throws.
 */
export const redriveRecord = async (
  { quarantine, stream }: RedriveRecordPorts,
  recordId: string,
): Promise<{ readonly deviceId: string }> => {
  const record = await quarantine.get(recordId);
  if (!record) throw new NotFoundError(`record ${recordId} is not in quarantine`);
  const { partitionKey: deviceId, data } = record;
  await stream.publish([{ deviceId, data }]);
  await quarantine.remove(recordId);
  return { deviceId };
};
