import { sleep } from "../../lib/adapters/sleep.ts";
import {
  splitStreamContract,
  streamReaderContract,
  waitingReaderContract,
} from "../../test/contracts/stream-reader.contract.ts";
import { MemoryLog } from "./testing-log.ts";

const NAME = "a log in memory with numbers of 64 bits";

const make = async () => {
  const log = new MemoryLog(["a", "b"]);
  return {
    reader: log.waitingReader(sleep),
    a: "a",
    b: "b",
    put: async (partitionId: string, text: string) => log.put(partitionId, "key", text),
    async split(partitionId: string) {
      log.close(partitionId);
      for (const half of ["0", "1"]) log.open(`${partitionId}${half}`, [partitionId]);
    },
    outwait: async () => {},
  };
};
streamReaderContract(NAME, make);
splitStreamContract(NAME, make);
waitingReaderContract(NAME, make);
