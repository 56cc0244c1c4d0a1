import { scheduleStoreContract } from "../../test/contracts/schedule-store.contract.ts";
import { memoryScheduleStore } from "./memory-schedule-store.ts";

scheduleStoreContract("memoryScheduleStore", async () => memoryScheduleStore());
