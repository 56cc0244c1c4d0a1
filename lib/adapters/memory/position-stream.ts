import { partitionKeyOf } from "../../core/stream/partition-key.ts";
import type { OutgoingRecord, PositionStream } from "../../core/stream/position-stream.ts";
import type { OfTenant } from "../../core/tenant/of-tenant.ts";
import { copyBytes } from "../copy-bytes.ts";
import { checkRecordSize } from "../record-size.ts";

/** A stream in memory that only keeps what was published, in order. */
export interface MemoryPositionStream extends PositionStream {
  readonly records: readonly OutgoingRecord[];
}

export const memoryPositionStream = (): MemoryPositionStream => {
  const accepted: OutgoingRecord[] = [];
  return {
    records: accepted,
    async publish(records) {
      for (const record of records) checkRecordSize(record);
      for (const { deviceId, data } of records) accepted.push({ deviceId, data: copyBytes(data) });
    },
  };
};

/** The streams of all tenants in memory, and their records with the keys that they have on a stream. */
export const memoryPositionStreams = (): {
  readonly of: OfTenant<PositionStream>;
  readonly records: readonly OutgoingRecord[];
} => {
  const all = memoryPositionStream();
  const of: OfTenant<PositionStream> = (tenant) => ({
    publish: (records) =>
      all.publish(
        records.map(({ deviceId, data }) => ({ deviceId: partitionKeyOf(tenant, deviceId), data })),
      ),
  });
  return { of, records: all.records };
};
