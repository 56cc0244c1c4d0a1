import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoReplayStore } from "../../../lib/adapters/dynamodb/replay-store.ts";
import type { Clock } from "../../../lib/core/clock.ts";
import type { ReplayStore } from "../../../lib/core/replay/replay-store.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { checkAccess } from "../../../lib/runtime/access.ts";
import { fittingPage, nextLink } from "../../../lib/runtime/api/page.ts";
import { listedReplayJson } from "../../../lib/runtime/api/replay.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import definition from "./definition.ts";

export const createHandler = (portsOf: OfTenant<{ readonly replays: ReplayStore; readonly now: Clock }>) =>
  httpFunction(definition, {
    "GET /replays": async (request) => {
      const { tenant, devicePrefix } = request.caller;
      const ports = portsOf(tenant);
      const nowMs = ports.now();
      const { items, cursor } = await fittingPage(
        request.query,
        (page) => ports.replays.list({ ...page, devicePrefix }),
        (replay) => listedReplayJson(replay, nowMs),
      );
      return { status: 200, headers: nextLink(request, cursor), body: { replays: items, cursor } };
    },
  });

const environment = readEnvironment(definition);
const client = dynamoClient();

export const handler = createHandler(
  portsOfTenant(
    {
      replays: dynamoReplayStore(client, environment.table("replays"), {
        listingsTableName: environment.table("listings"),
      }),
    },
    { now: Date.now },
  ),
).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"))));
