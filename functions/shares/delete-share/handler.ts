import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoShareStore } from "../../../lib/adapters/dynamodb/share-store.ts";
import type { Clock } from "../../../lib/core/clock.ts";
import { ownShare } from "../../../lib/core/share/own-share.ts";
import type { ShareStore } from "../../../lib/core/share/share.ts";
import type { OfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { checkAccess } from "../../../lib/runtime/access.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import definition from "./definition.ts";

export interface Ports {
  readonly shares: OfTenant<ShareStore>;
  readonly now: Clock;
}

export const createHandler = ({ shares, now }: Ports) =>
  httpFunction(definition, {
    "DELETE /shares/{shareId}": async ({ parameters, caller }) => {
      const own = shares(caller.tenant);
      const { shareId } = await ownShare(own, caller, parameters.shareId, now());
      await own.remove(shareId);
      return { status: 204 };
    },
  });

const environment = readEnvironment(definition);
const client = dynamoClient();

export const handler = createHandler({
  shares: dynamoShareStore(client, environment.table("shares"), {
    listingsTableName: environment.table("listings"),
  }),
  now: Date.now,
}).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"))));
