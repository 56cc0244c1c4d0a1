import { leaseStoreContract } from "../../test/contracts/lease-store.contract.ts";
import { memoryLeaseStore } from "./lease-store.ts";

leaseStoreContract("memoryLeaseStore", async () => memoryLeaseStore());
