import type { OutgoingRecord, PositionStream } from "../../core/stream/position-stream.ts";
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
