import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoReplayStore } from "../../../lib/adapters/dynamodb/replay-store.ts";
import { checkDevices } from "../../../lib/core/access/caller.ts";
import type { Clock } from "../../../lib/core/clock.ts";
import { NotFoundError } from "../../../lib/core/errors.ts";
import { devicesOf } from "../../../lib/core/replay/replay.ts";
import type { ReplayStore } from "../../../lib/core/replay/replay-store.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { checkAccess } from "../../../lib/runtime/access.ts";
import { replayJson } from "../../../lib/runtime/api/replay.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import definition from "./definition.ts";

export const createHandler = (portsOf: OfTenant<{ readonly replays: ReplayStore; readonly now: Clock }>) =>
  httpFunction(definition, {
    "GET /replays/{replayId}": async ({ parameters, caller }) => {
      const { replays, now } = portsOf(caller.tenant);
      const replay = await replays.get(parameters.replayId);
      if (!replay) throw new NotFoundError(`replay ${parameters.replayId} does not exist`);
      checkDevices(caller, devicesOf(replay));
      return { status: 200, body: replayJson(replay, now()) };
    },
  });

const environment = readEnvironment(definition);
const client = dynamoClient();

export const handler = createHandler(
  portsOfTenant({ replays: dynamoReplayStore(client, environment.table("replays")) }, { now: Date.now }),
).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"))));
