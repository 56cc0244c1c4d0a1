import { streamReaderContract } from "../../test/contracts/stream-reader.contract.ts";
import { MemoryLog } from "./testing-log.ts";

streamReaderContract("a log in memory with numbers of 64 bits", async () => {
  const log = new MemoryLog(["a", "b"]);
  return {
    reader: log.reader(),
    a: "a",
    b: "b",
    put: async (partitionId, text) => log.put(partitionId, "key", text),
    async split(partitionId) {
      log.close(partitionId);
      for (const half of ["0", "1"]) log.open(`${partitionId}${half}`, [partitionId]);
    },
    outwait: async () => {},
  };
});
