import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoDeviceStore } from "../../../lib/adapters/dynamodb/device-store.ts";
import { dynamoRecordingStore } from "../../../lib/adapters/dynamodb/recording-store.ts";
import { dynamoTenantLimitStore } from "../../../lib/adapters/dynamodb/tenant-limit-store.ts";
import { dynamoTrackStore } from "../../../lib/adapters/dynamodb/track-store.ts";
import { recordingReader } from "../../../lib/adapters/recording-reader.ts";
import { zstd } from "../../../lib/adapters/zstd.ts";
import { type ChunkImportPorts, importChunks } from "../../../lib/core/recording/import-chunks.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import type { TenantId } from "../../../lib/core/tenant/tenant-id.ts";
import { cachedLimits } from "../../../lib/core/tenant/tenant-limits.ts";
import { storageCheck } from "../../../lib/core/usage/room-for-positions.ts";
import { checkAccess } from "../../../lib/runtime/access.ts";
import { recordingJson, recordingPath } from "../../../lib/runtime/api/recording.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import definition from "./definition.ts";

export const createHandler = (portsOf: OfTenant<ChunkImportPorts>) =>
  httpFunction(definition, {
    "POST /recordings": async ({ query, body, caller }) => {
      const { recording, created, rejected, moreRejected } = await importChunks(
        portsOf(caller.tenant),
        [body],
        query,
      );
      return {
        status: created ? 201 : 200,
        headers: { location: recordingPath(recording.recordingId) },
        body: { ...recordingJson(recording), rejected, ...(moreRejected && { moreRejected }) },
      };
    },
  });

const environment = readEnvironment(definition);
const client = dynamoClient();

const listingsTableName = environment.table("listings");
const devices = dynamoDeviceStore(client, environment.table("devices"), listingsTableName);
const recordings = dynamoRecordingStore(client, environment.table("recordings"), { listingsTableName });
const checkStorage = storageCheck({
  limits: cachedLimits(dynamoTenantLimitStore(client, environment.table("tenants")), Date.now),
  stored: (tenant) => ({ devices: devices(tenant), recordings: recordings(tenant) }),
  now: Date.now,
});

export const handler = createHandler(
  portsOfTenant(
    {
      recordings,
      checkRoom: (tenant: TenantId) => (adding: number) => checkStorage(tenant, adding),
      tracks: dynamoTrackStore(client, environment.table("tracks")),
    },
    { compression: zstd, reader: recordingReader, now: Date.now },
  ),
).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"))));
