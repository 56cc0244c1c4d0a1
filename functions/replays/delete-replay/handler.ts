import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClaims } from "../../../lib/adapters/dynamodb/claims.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoReplayStore } from "../../../lib/adapters/dynamodb/replay-store.ts";
import { checkDevices } from "../../../lib/core/access/caller.ts";
import type { Claims } from "../../../lib/core/claims/claims.ts";
import type { Clock } from "../../../lib/core/clock.ts";
import { NotFoundError } from "../../../lib/core/errors.ts";
import { leavePlace } from "../../../lib/core/replay/active-replays.ts";
import { devicesOf } from "../../../lib/core/replay/replay.ts";
import type { ReplayStore } from "../../../lib/core/replay/replay-store.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { checkAccess } from "../../../lib/runtime/access.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import definition from "./definition.ts";

export interface DeletePorts {
  readonly replays: ReplayStore;
  readonly claims: Claims;
  readonly now: Clock;
}

export const createHandler = (portsOf: OfTenant<DeletePorts>) =>
  httpFunction(definition, {
    "DELETE /replays/{replayId}": async ({ parameters, caller }) => {
      const { replayId } = parameters;
      const { replays, claims, now } = portsOf(caller.tenant);
      const replay = await replays.get(replayId);
      if (!replay) throw new NotFoundError(`replay ${replayId} does not exist`);
      checkDevices(caller, devicesOf(replay));
      // Its player can no longer save, finds nothing to read, and ends along with its execution.
      await replays.remove(replayId);
      await leavePlace({ claims, now }, replayId);
      return { status: 204 };
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
      claims: dynamoClaims(client, environment.table("claims")),
    },
    { now: Date.now },
  ),
).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"))));
