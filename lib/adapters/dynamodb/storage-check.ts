import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { TenantId } from "../../core/tenant/tenant-id.ts";
import type { LimitsOf } from "../../core/tenant/tenant-limits.ts";
import { type CheckStorage, storageCheck } from "../../core/usage/room-for-positions.ts";
import { dynamoDeviceStore } from "./device-store.ts";
import { dynamoRecordingStore } from "./recording-store.ts";

/** Holds tenants to their limit of stored positions, by what the tables of devices and recordings say. */
export const dynamoStorageCheck = (
  client: DynamoDBClient,
  limits: LimitsOf,
  tableOf: (name: "devices" | "recordings" | "listings") => string,
): CheckStorage => {
  const listingsTableName = tableOf("listings");
  const devices = dynamoDeviceStore(client, tableOf("devices"), listingsTableName);
  const recordings = dynamoRecordingStore(client, tableOf("recordings"), { listingsTableName });
  const stored = (tenant: TenantId) => ({
    devices: devices(tenant),
    recordings: recordings(tenant),
  });
  return storageCheck({ limits, stored, now: Date.now });
};
