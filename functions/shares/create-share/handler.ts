import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoDeviceStore } from "../../../lib/adapters/dynamodb/device-store.ts";
import { dynamoRecordingStore } from "../../../lib/adapters/dynamodb/recording-store.ts";
import { dynamoShareStore } from "../../../lib/adapters/dynamodb/share-store.ts";
import { keySecrets } from "../../../lib/adapters/key-secrets.ts";
import { type CreateSharePorts, createShare } from "../../../lib/core/share/create-share.ts";
import type { OfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { checkAccess } from "../../../lib/runtime/access.ts";
import { shareJson, sharePath, toShareRequest } from "../../../lib/runtime/api/share.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import { publicPrefixOf } from "../../../lib/runtime/public-prefix.ts";
import definition from "./definition.ts";

export const createHandler = (portsOf: OfTenant<CreateSharePorts>) =>
  httpFunction(definition, {
    "POST /shares": async ({ body, caller, headers }) => {
      const { share, text } = await createShare(portsOf(caller.tenant), caller, toShareRequest(body));
      return {
        status: 201,
        headers: { location: sharePath(share.shareId) },
        body: { ...shareJson(share), token: text, link: `${publicPrefixOf(headers)}/shared/${text}` },
      };
    },
  });

const environment = readEnvironment(definition);
const client = dynamoClient();
const shares = dynamoShareStore(client, environment.table("shares"), {
  listingsTableName: environment.table("listings"),
});
const devices = dynamoDeviceStore(client, environment.table("devices"));
const recordings = dynamoRecordingStore(client, environment.table("recordings"));

export const handler = createHandler((tenant) => ({
  shares: shares(tenant),
  devices: devices(tenant),
  recordings: recordings(tenant),
  secrets: keySecrets,
  now: Date.now,
})).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"))));
