import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoRecordingStore } from "../../../lib/adapters/dynamodb/recording-store.ts";
import { dynamoStorageCheck } from "../../../lib/adapters/dynamodb/storage-check.ts";
import { dynamoLimits } from "../../../lib/adapters/dynamodb/tenant-limit-store.ts";
import { dynamoTrackStore } from "../../../lib/adapters/dynamodb/track-store.ts";
import { recordingReader } from "../../../lib/adapters/recording-reader.ts";
import { zstd } from "../../../lib/adapters/zstd.ts";
import { type ChunkImportPorts, importChunks } from "../../../lib/core/recording/import-chunks.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import type { TenantId } from "../../../lib/core/tenant/tenant-id.ts";
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

const limits = dynamoLimits(client, environment.table("tenants"));
const checkStorage = dynamoStorageCheck(client, limits, environment.table);

export const handler = createHandler(
  portsOfTenant(
    {
      recordings: dynamoRecordingStore(client, environment.table("recordings"), {
        listingsTableName: environment.table("listings"),
      }),
      checkRoom: (tenant: TenantId) => (adding: number) => checkStorage(tenant, adding),
      tracks: dynamoTrackStore(client, environment.table("tracks")),
    },
    { compression: zstd, reader: recordingReader, now: Date.now },
  ),
).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"), limits)));
