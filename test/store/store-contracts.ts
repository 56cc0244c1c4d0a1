import { type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { dynamodbLeaseStore } from "../../engines/lease/dynamodb-lease-store.ts";
import { dynamodbScheduleStore } from "../../engines/scheduler/dynamodb-schedule-store.ts";
import { dynamodbExecutionStore } from "../../engines/workflow-runner/dynamodb-execution-store.ts";
import type { EngineTableName } from "../../infra/engine/tables.ts";
import { dynamoApiKeyStore } from "../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClaims } from "../../lib/adapters/dynamodb/claims.ts";
import { dynamoDeviceStore } from "../../lib/adapters/dynamodb/device-store.ts";
import { dynamoQuarantineStore } from "../../lib/adapters/dynamodb/quarantine-store.ts";
import { dynamoRecordingStore } from "../../lib/adapters/dynamodb/recording-store.ts";
import { dynamoRepairStore } from "../../lib/adapters/dynamodb/repair-store.ts";
import { dynamoReplayStore } from "../../lib/adapters/dynamodb/replay-store.ts";
import { dynamoRequestCounter } from "../../lib/adapters/dynamodb/request-counter.ts";
import { dynamoShareLinks, dynamoShareStore } from "../../lib/adapters/dynamodb/share-store.ts";
import { dynamoSweepTurns } from "../../lib/adapters/dynamodb/sweep-turns.ts";
import { dynamoTaskStore } from "../../lib/adapters/dynamodb/task-store.ts";
import { dynamoTenantLimitStore } from "../../lib/adapters/dynamodb/tenant-limit-store.ts";
import { dynamoTrackStore } from "../../lib/adapters/dynamodb/track-store.ts";
import type { TableName } from "../../lib/resources/table.ts";
import { apiKeyStoreContract } from "../contracts/api-key-store.contract.ts";
import { claimsContract } from "../contracts/claims.contract.ts";
import { deviceStoreContract } from "../contracts/device-store.contract.ts";
import { executionStoreContract } from "../contracts/execution-store.contract.ts";
import { leaseStoreContract } from "../contracts/lease-store.contract.ts";
import { quarantineStoreContract } from "../contracts/quarantine-store.contract.ts";
import { recordingStoreContract } from "../contracts/recording-store.contract.ts";
import { repairStoreContract } from "../contracts/repair-store.contract.ts";
import { replayStoreContract } from "../contracts/replay-store.contract.ts";
import { scheduleStoreContract } from "../contracts/schedule-store.contract.ts";
import { shareStoreContract } from "../contracts/share-store.contract.ts";
import { sweepTurnsContract } from "../contracts/sweep-turns.contract.ts";
import { taskStoreContract } from "../contracts/task-store.contract.ts";
import { requestCounterContract, tenantLimitStoreContract } from "../contracts/tenant-limits.contract.ts";
import { trackStoreContract } from "../contracts/track-store.contract.ts";

/* The contract suites of every port that is kept in DynamoDB, for any endpoint of its API. */

interface Tables<Name extends string> {
  readonly client: DynamoDBClient;
  /** Makes an empty table and returns its name. */
  readonly makeTable: (table: Name) => Promise<string>;
}

/** A client that calls somebody before it puts anything into a table. */
const calledBefore = (target: DynamoDBClient, tableName: string, beforePut: () => void): DynamoDBClient => {
  const client: Pick<DynamoDBClient, "send"> = {
    send: async (command: unknown) => {
      if (command instanceof PutItemCommand && command.input.TableName === tableName) beforePut();
      return target.send(command as PutItemCommand);
    },
  };
  return client as DynamoDBClient;
};

/** Of what functions use. */
export const functionStoreContracts = (tables: () => Tables<TableName>): void => {
  claimsContract("dynamoClaims", async () =>
    dynamoClaims(tables().client, await tables().makeTable("claims")),
  );
  deviceStoreContract("dynamoDeviceStore", async (beforePut) => {
    const devices = await tables().makeTable("devices");
    return dynamoDeviceStore(
      beforePut ? calledBefore(tables().client, devices, beforePut) : tables().client,
      devices,
      await tables().makeTable("listings"),
    );
  });
  trackStoreContract("dynamoTrackStore", async () =>
    dynamoTrackStore(tables().client, await tables().makeTable("tracks")),
  );
  recordingStoreContract("dynamoRecordingStore", async () =>
    dynamoRecordingStore(tables().client, await tables().makeTable("recordings"), {
      listingsTableName: await tables().makeTable("listings"),
    }),
  );
  repairStoreContract("dynamoRepairStore", async () =>
    dynamoRepairStore(tables().client, await tables().makeTable("tracks")),
  );
  replayStoreContract("dynamoReplayStore", async (options) =>
    dynamoReplayStore(tables().client, await tables().makeTable("replays"), {
      listingsTableName: await tables().makeTable("listings"),
      ...options,
    }),
  );
  taskStoreContract("dynamoTaskStore", async () =>
    dynamoTaskStore(tables().client, await tables().makeTable("tasks"), await tables().makeTable("listings")),
  );
  tenantLimitStoreContract("dynamoTenantLimitStore", async () =>
    dynamoTenantLimitStore(tables().client, await tables().makeTable("tenants")),
  );
  requestCounterContract("dynamoRequestCounter", async () =>
    dynamoRequestCounter(tables().client, await tables().makeTable("usage")),
  );
  shareStoreContract("dynamoShareStore", async () => {
    const table = await tables().makeTable("shares");
    return {
      shares: dynamoShareStore(tables().client, table, {
        listingsTableName: await tables().makeTable("listings"),
      }),
      links: dynamoShareLinks(tables().client, table),
    };
  });
  apiKeyStoreContract("dynamoApiKeyStore", async () =>
    dynamoApiKeyStore(tables().client, await tables().makeTable("keys")),
  );
  quarantineStoreContract("dynamoQuarantineStore", async (options) =>
    dynamoQuarantineStore(tables().client, await tables().makeTable("quarantine"), {
      listingsTableName: await tables().makeTable("listings"),
      ...options,
    }),
  );
};

/** Of what engines use, and what runs outside AWS alone. */
export const engineStoreContracts = (tables: () => Tables<EngineTableName | "claims">): void => {
  leaseStoreContract("dynamodbLeaseStore", async () =>
    dynamodbLeaseStore(tables().client, await tables().makeTable("leases")),
  );
  executionStoreContract("dynamodbExecutionStore", async () =>
    dynamodbExecutionStore(tables().client, await tables().makeTable("executions")),
  );
  scheduleStoreContract("dynamodbScheduleStore", async () =>
    dynamodbScheduleStore(tables().client, await tables().makeTable("schedules")),
  );
  sweepTurnsContract("dynamoSweepTurns", async () =>
    dynamoSweepTurns(tables().client, await tables().makeTable("claims")),
  );
};
