import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoRecordingStore } from "../../../lib/adapters/dynamodb/recording-store.ts";
import type { RecordingStore } from "../../../lib/core/recording/recording.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { checkAccess } from "../../../lib/runtime/access.ts";
import { fittingPage, nextLink } from "../../../lib/runtime/api/page.ts";
import { recordingJson } from "../../../lib/runtime/api/recording.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import definition from "./definition.ts";

export const createHandler = (portsOf: OfTenant<{ readonly recordings: RecordingStore }>) =>
  httpFunction(definition, {
    "GET /recordings": async (request) => {
      const { recordings } = portsOf(request.caller.tenant);
      const { items, cursor } = await fittingPage(request.query, recordings.list, recordingJson);
      return { status: 200, headers: nextLink(request, cursor), body: { recordings: items, cursor } };
    },
  });

const environment = readEnvironment(definition);
const client = dynamoClient();

export const handler = createHandler(
  portsOfTenant({
    recordings: dynamoRecordingStore(client, environment.table("recordings"), {
      listingsTableName: environment.table("listings"),
    }),
  }),
).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"))));
