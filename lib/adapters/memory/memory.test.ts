import { apiKeyStoreContract } from "../../../test/contracts/api-key-store.contract.ts";
import { claimsContract } from "../../../test/contracts/claims.contract.ts";
import { deviceStoreContract } from "../../../test/contracts/device-store.contract.ts";
import { positionStreamContract } from "../../../test/contracts/position-stream.contract.ts";
import { quarantineStoreContract } from "../../../test/contracts/quarantine-store.contract.ts";
import { recordingStoreContract } from "../../../test/contracts/recording-store.contract.ts";
import { repairStoreContract } from "../../../test/contracts/repair-store.contract.ts";
import { replaySchedulerContract } from "../../../test/contracts/replay-scheduler.contract.ts";
import { replayStoreContract } from "../../../test/contracts/replay-store.contract.ts";
import { shareStoreContract } from "../../../test/contracts/share-store.contract.ts";
import { streamIdentityContract } from "../../../test/contracts/stream-identity.contract.ts";
import { taskStoreContract } from "../../../test/contracts/task-store.contract.ts";
import {
  requestCounterContract,
  tenantLimitStoreContract,
} from "../../../test/contracts/tenant-limits.contract.ts";
import { trackStoreContract } from "../../../test/contracts/track-store.contract.ts";
import { workflowStarterContract } from "../../../test/contracts/workflow-starter.contract.ts";
import { perTenant } from "../../core/tenant/of-tenant.ts";
import { memoryApiKeyStore } from "./api-key-store.ts";
import { memoryClaims } from "./claims.ts";
import { memoryDeviceStore } from "./device-store.ts";
import { memoryPositionStreams } from "./position-stream.ts";
import { memoryQuarantineStore } from "./quarantine-store.ts";
import { memoryRecordingStore } from "./recording-store.ts";
import { memoryRepairStore } from "./repair-store.ts";
import { memoryReplayScheduler } from "./replay-scheduler.ts";
import { memoryReplayStore } from "./replay-store.ts";
import { memoryRequestCounter } from "./request-counter.ts";
import { memoryShares } from "./share-store.ts";
import { memoryStreamIdentity } from "./stream-identity.ts";
import { memoryTaskStore } from "./task-store.ts";
import { memoryTenantLimitStore } from "./tenant-limit-store.ts";
import { memoryTrackStore } from "./track-store.ts";
import { memoryWorkflowStarters } from "./workflow-starter.ts";

claimsContract("memoryClaims", async () => perTenant(() => memoryClaims()));
deviceStoreContract("memoryDeviceStore", async (beforePut) => perTenant(() => memoryDeviceStore(beforePut)));
trackStoreContract("memoryTrackStore", async () => perTenant(() => memoryTrackStore()));
recordingStoreContract("memoryRecordingStore", async () => perTenant(() => memoryRecordingStore()));
repairStoreContract("memoryRepairStore", async () => perTenant(() => memoryRepairStore()));
replayStoreContract("memoryReplayStore", async (options) =>
  perTenant(() => memoryReplayStore(options?.keptDays, options?.now)),
);
replaySchedulerContract("memoryReplayScheduler", async () => perTenant(() => memoryReplayScheduler()));
taskStoreContract("memoryTaskStore", async () => perTenant(() => memoryTaskStore()));
apiKeyStoreContract("memoryApiKeyStore", async () => memoryApiKeyStore());
tenantLimitStoreContract("memoryTenantLimitStore", async () => memoryTenantLimitStore());
requestCounterContract("memoryRequestCounter", async () => memoryRequestCounter());
shareStoreContract("memoryShares", async () => memoryShares());
quarantineStoreContract("memoryQuarantineStore", async (options) =>
  perTenant(() => memoryQuarantineStore(options?.keptDays, options?.now)),
);
positionStreamContract("memoryPositionStream", async () => {
  const streams = memoryPositionStreams();
  return { streamOf: streams.of, arrived: async () => streams.records };
});
workflowStarterContract("memoryWorkflowStarter", async () => {
  const starters = memoryWorkflowStarters();
  return {
    starterOf: starters.of,
    started: async () =>
      starters.started.map((one) => ({ ...one, executionName: one.executionName.replace(/^default_/, "") })),
  };
});
streamIdentityContract("memoryStreamIdentity", async () => {
  const identity = memoryStreamIdentity(1_000);
  return { identity, stream: "positions", makeAnew: async () => identity.createAnew(2_000) };
});
