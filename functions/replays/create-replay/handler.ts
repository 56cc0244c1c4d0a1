import { randomUUID } from "node:crypto";
import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClaims } from "../../../lib/adapters/dynamodb/claims.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoRecordingStore } from "../../../lib/adapters/dynamodb/recording-store.ts";
import { dynamoReplayStore } from "../../../lib/adapters/dynamodb/replay-store.ts";
import { dynamoLimits } from "../../../lib/adapters/dynamodb/tenant-limit-store.ts";
import { sfnClient } from "../../../lib/adapters/step-functions/client.ts";
import { stepFunctionsStarter } from "../../../lib/adapters/step-functions/workflow-starter.ts";
import { checkDevices } from "../../../lib/core/access/caller.ts";
import { type CreatePorts, createReplay, requestedDevices } from "../../../lib/core/replay/create-replay.ts";
import { createReplayOnce } from "../../../lib/core/replay/create-replay-once.ts";
import { toReplayRequest } from "../../../lib/core/replay/replay-body.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { checkAccess } from "../../../lib/runtime/access.ts";
import { readIdempotencyKey } from "../../../lib/runtime/api/idempotency-key.ts";
import { replayJson, replayPath } from "../../../lib/runtime/api/replay.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import { replayLimits } from "../../../lib/runtime/replay-limits.ts";
import definition from "./definition.ts";

export const createHandler = (portsOf: OfTenant<CreatePorts>) =>
  httpFunction(definition, {
    "POST /replays": async ({ body, caller, headers }) => {
      const ports = portsOf(caller.tenant);
      const request = toReplayRequest(body);
      checkDevices(caller, requestedDevices(request.sources));
      const { keyId } = caller;
      const idempotencyKey = readIdempotencyKey(headers);
      const replay =
        idempotencyKey === undefined
          ? await createReplay(ports, request, keyId)
          : await createReplayOnce(ports, request, { idempotencyKey, keyId });
      return {
        status: 201,
        headers: { location: replayPath(replay.replayId) },
        body: replayJson(replay, ports.now()),
      };
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
      recordings: dynamoRecordingStore(client, environment.table("recordings")),
      workflows: stepFunctionsStarter(sfnClient(), { replay: environment.workflow("replay") }),
      claims: dynamoClaims(client, environment.table("claims")),
      limits: replayLimits(environment, limits),
    },
    {
      now: Date.now,
      newId: randomUUID,
    },
  ),
).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"), limits)));
