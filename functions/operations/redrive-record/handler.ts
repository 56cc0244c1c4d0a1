import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoQuarantineStore } from "../../../lib/adapters/dynamodb/quarantine-store.ts";
import { positionStreamOf } from "../../../lib/adapters/streams/streams.ts";
import { type RedriveRecordPorts, redriveRecord } from "../../../lib/core/quarantine/redrive-record.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { checkAccess } from "../../../lib/runtime/access.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import definition from "./definition.ts";

export const createHandler = (portsOf: OfTenant<RedriveRecordPorts>) =>
  httpFunction(definition, {
    "POST /quarantine/{recordId}/redrive": async ({ parameters, caller }) => {
      const { recordId } = parameters;
      const { deviceId } = await redriveRecord(portsOf(caller.tenant), recordId);
      return { status: 202, body: { recordId, deviceId } };
    },
  });

const environment = readEnvironment(definition);
const client = dynamoClient();

export const handler = createHandler(
  portsOfTenant({
    quarantine: dynamoQuarantineStore(client, environment.table("quarantine"), {
      listingsTableName: environment.table("listings"),
    }),
    stream: positionStreamOf(environment.stream("positions")),
  }),
).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"))));
