import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoRecordingStore } from "../../../lib/adapters/dynamodb/recording-store.ts";
import { dynamoTrackStore } from "../../../lib/adapters/dynamodb/track-store.ts";
import { recordingReader } from "../../../lib/adapters/recording-reader.ts";
import { zstd } from "../../../lib/adapters/zstd.ts";
import { type ChunkImportPorts, importChunks } from "../../../lib/core/recording/import-chunks.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
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

export const handler = createHandler(
  portsOfTenant(
    {
      recordings: dynamoRecordingStore(client, environment.table("recordings"), {
        listingsTableName: environment.table("listings"),
      }),
      tracks: dynamoTrackStore(client, environment.table("tracks")),
    },
    { compression: zstd, reader: recordingReader, now: Date.now },
  ),
).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"))));
