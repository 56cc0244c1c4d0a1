import type { Clock } from "../../core/clock.ts";
import {
  type QuarantinedRecord,
  type QuarantineStore,
  quarantineExpiry,
} from "../../core/quarantine/quarantine.ts";
import { copyBytes } from "../copy-bytes.ts";
import { keptProblems, keptReason } from "../kept-problems.ts";
import { pageOf } from "./paging.ts";

/** A quarantine table in memory. Nothing expires without a clock. */
export const memoryQuarantineStore = (keptDays?: number, now: Clock = () => 0): QuarantineStore => {
  const records = new Map<string, QuarantinedRecord>();
  const isThere = ({ arrivedAtMs }: QuarantinedRecord): boolean =>
    now() < quarantineExpiry(arrivedAtMs, keptDays) * 1000;
  return {
    async put(record) {
      if (!records.has(record.recordId))
        records.set(
          record.recordId,
          copy({ ...record, reason: keptReason(record.reason), problems: keptProblems(record.problems) }),
        );
    },
    async get(recordId) {
      const record = records.get(recordId);
      return record && isThere(record) ? copy(record) : undefined;
    },
    async remove(recordId) {
      records.delete(recordId);
    },
    async list({ deviceId, ...request }) {
      const listed = [...records].filter(
        ([, record]) => isThere(record) && record.partitionKey === (deviceId ?? record.partitionKey),
      );
      return pageOf(new Map(listed), "recordId", request, ({ data, ...rest }) => ({
        ...structuredClone(rest),
        dataBytes: data.length,
      }));
    },
  };
};

const copy = ({ data, ...rest }: QuarantinedRecord): QuarantinedRecord => ({
  ...structuredClone(rest),
  data: copyBytes(data),
});
