import { creationOf, isApplied, isDoubtful, isOfOlderStream } from "../identity/fence.ts";
import type { StreamIdentity } from "../stream/stream-identity.ts";
import type { DeviceState } from "./device-state.ts";
import type { TrackedRecord } from "./read-record.ts";

/** A device's records without redeliveries, each with the creation time of its stream. */
export interface RecordsToApply {
  /** In the stream's order. */
  readonly fresh: readonly TrackedRecord[];
  /** It is unknown whether these were applied. */
  readonly doubtful: readonly TrackedRecord[];
}

/** Throws what the stream's service throws; the records must then be delivered again. */
export const recordsToApply = async (
  streams: StreamIdentity,
  state: DeviceState,
  records: readonly TrackedRecord[],
): Promise<RecordsToApply> => {
  let named = await withCreation(streams, state, records);
  // A fence of a newer stream shows that this process remembers an old creation time.
  const doubts = named.filter((record) => isDoubtful(state, record) || isOfOlderStream(state.fence, record));
  if (doubts.length > 0) {
    const newestMs = Math.max(...doubts.map(({ arrivedAtMs }) => arrivedAtMs));
    named = await withCreation(streams, state, records, newestMs);
  }
  return {
    fresh: named.filter((record) => !isApplied(state, record)),
    doubtful: named.filter((record) => isDoubtful(state, record)),
  };
};

const withCreation = async (
  streams: StreamIdentity,
  state: DeviceState,
  records: readonly TrackedRecord[],
  sinceMs?: number,
): Promise<TrackedRecord[]> => {
  const createdAtMs = new Map<string, number>();
  for (const { stream } of records) {
    if (!createdAtMs.has(stream)) createdAtMs.set(stream, await streams.createdAtMs(stream, sinceMs));
  }
  return records.map((record) => ({
    ...record,
    streamCreatedAtMs: creationOf(state, record, createdAtMs.get(record.stream) ?? 0),
  }));
};
