import { executionStoreContract } from "../../test/contracts/execution-store.contract.ts";
import { memoryExecutionStore } from "./memory-execution-store.ts";

executionStoreContract("memoryExecutionStore", async () => memoryExecutionStore());
