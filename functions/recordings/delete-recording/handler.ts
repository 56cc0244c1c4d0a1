import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClaims } from "../../../lib/adapters/dynamodb/claims.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoRecordingStore } from "../../../lib/adapters/dynamodb/recording-store.ts";
import { dynamoReplayStore } from "../../../lib/adapters/dynamodb/replay-store.ts";
import { dynamoTrackStore } from "../../../lib/adapters/dynamodb/track-store.ts";
import { type DeletePorts, deleteRecording } from "../../../lib/core/replay/delete-recording.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { checkAccess } from "../../../lib/runtime/access.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import definition from "./definition.ts";

export const createHandler = (portsOf: OfTenant<DeletePorts>) =>
  httpFunction(definition, {
    "DELETE /recordings/{recordingId}": async ({ parameters, caller }) => {
      await deleteRecording(portsOf(caller.tenant), parameters.recordingId);
      return { status: 204 };
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
      replays: dynamoReplayStore(client, environment.table("replays")),
      claims: dynamoClaims(client, environment.table("claims")),
    },
    { now: Date.now },
  ),
).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"))));
