import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoShareStore } from "../../../lib/adapters/dynamodb/share-store.ts";
import type { Clock } from "../../../lib/core/clock.ts";
import { ownShare } from "../../../lib/core/share/own-share.ts";
import type { ShareStore } from "../../../lib/core/share/share.ts";
import type { OfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { checkAccess } from "../../../lib/runtime/access.ts";
import { fittingPage, nextLink, type PageQuery } from "../../../lib/runtime/api/page.ts";
import { shareJson } from "../../../lib/runtime/api/share.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import definition from "./definition.ts";

export interface Ports {
  readonly shares: OfTenant<ShareStore>;
  readonly now: Clock;
}

export const createHandler = ({ shares, now }: Ports) =>
  httpFunction(definition, {
    "GET /shares": async (request) => {
      const { tenant, devicePrefix } = request.caller;
      const list = (page: PageQuery) => shares(tenant).list({ ...page, devicePrefix }, now());
      const { items, cursor } = await fittingPage(request.query, list, shareJson);
      return { status: 200, headers: nextLink(request, cursor), body: { shares: items, cursor } };
    },
    "GET /shares/{shareId}": async ({ parameters, caller }) => {
      const share = await ownShare(shares(caller.tenant), caller, parameters.shareId, now());
      return { status: 200, body: shareJson(share) };
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
