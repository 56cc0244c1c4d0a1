import type { QuarantinedRecord, QuarantineStore } from "../../core/quarantine/quarantine.ts";
import { copyBytes } from "../copy-bytes.ts";
import { keptProblems } from "../kept-problems.ts";
import { pageOf } from "./paging.ts";

/** A quarantine table in memory. */
export const memoryQuarantineStore = (): QuarantineStore => {
  const records = new Map<string, QuarantinedRecord>();
  return {
    async put(record) {
      if (!records.has(record.recordId))
        records.set(record.recordId, copy({ ...record, problems: keptProblems(record.problems) }));
    },
    async get(recordId) {
      const record = records.get(recordId);
      return record && copy(record);
    },
    async list(request) {
      return pageOf(records, "recordId", request, ({ data, ...rest }) => ({
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
