import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoRecordingStore } from "../../../lib/adapters/dynamodb/recording-store.ts";
import { NotFoundError } from "../../../lib/core/errors.ts";
import type { RecordingStore } from "../../../lib/core/recording/recording.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { checkAccess } from "../../../lib/runtime/access.ts";
import { recordingJson } from "../../../lib/runtime/api/recording.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import definition from "./definition.ts";

export const createHandler = (portsOf: OfTenant<{ readonly recordings: RecordingStore }>) =>
  httpFunction(definition, {
    "GET /recordings/{recordingId}": async ({ parameters, caller }) => {
      const { recordingId } = parameters;
      const recording = await portsOf(caller.tenant).recordings.get(recordingId);
      if (!recording) throw new NotFoundError(`recording ${recordingId} does not exist`);
      return { status: 200, body: recordingJson(recording) };
    },
  });

const environment = readEnvironment(definition);
const client = dynamoClient();

export const handler = createHandler(
  portsOfTenant({ recordings: dynamoRecordingStore(client, environment.table("recordings")) }),
).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"))));
