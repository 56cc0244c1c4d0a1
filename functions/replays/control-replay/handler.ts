import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClaims } from "../../../lib/adapters/dynamodb/claims.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoReplayStore } from "../../../lib/adapters/dynamodb/replay-store.ts";
import { dynamoLimits } from "../../../lib/adapters/dynamodb/tenant-limit-store.ts";
import { sfnClient } from "../../../lib/adapters/step-functions/client.ts";
import { stepFunctionsStarter } from "../../../lib/adapters/step-functions/workflow-starter.ts";
import { checkDevices } from "../../../lib/core/access/caller.ts";
import { type ControlPorts, controlReplay } from "../../../lib/core/replay/control-replay.ts";
import { devicesOf } from "../../../lib/core/replay/replay.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { checkAccess } from "../../../lib/runtime/access.ts";
import { replayJson } from "../../../lib/runtime/api/replay.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import { replayLimits } from "../../../lib/runtime/replay-limits.ts";
import definition from "./definition.ts";

export const createHandler = (portsOf: OfTenant<ControlPorts>) =>
  httpFunction(definition, {
    "PATCH /replays/{replayId}": async (request) => {
      const ports = portsOf(request.caller.tenant);
      const { rate, paused, seek: seekSeconds } = request.body;
      const { replayId } = request.parameters;
      if (request.caller.devicePrefix !== undefined) {
        // The devices of a replay never change, so this still holds when the change is made.
        const read = await ports.replays.get(replayId);
        checkDevices(request.caller, read ? devicesOf(read) : []);
      }
      const replay = await controlReplay(ports, replayId, { rate, paused, seekSeconds });
      return { status: 200, body: replayJson(replay, ports.now()) };
    },
  });

const environment = readEnvironment(definition);
const client = dynamoClient();
const limits = dynamoLimits(client, environment.table("tenants"));

export const handler = createHandler(
  portsOfTenant(
    {
      replays: dynamoReplayStore(client, environment.table("replays"), {
        listingsTableName: environment.table("listings"),
        keptDays: environment.limit("replayKeptDays"),
      }),
      workflows: stepFunctionsStarter(sfnClient(), { replay: environment.workflow("replay") }),
      claims: dynamoClaims(client, environment.table("claims")),
      limits: replayLimits(environment, limits),
    },
    {
      now: Date.now,
    },
  ),
).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"), limits)));
