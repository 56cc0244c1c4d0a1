import { dynamoAccess } from "../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../lib/adapters/dynamodb/client.ts";
import { dynamoReplayStore } from "../../lib/adapters/dynamodb/replay-store.ts";
import { mayUseDevices } from "../../lib/core/access/caller.ts";
import type { Clock } from "../../lib/core/clock.ts";
import { devicesOf } from "../../lib/core/replay/replay.ts";
import type { ReplayStore } from "../../lib/core/replay/replay-store.ts";
import { checkAccess } from "../../lib/runtime/access.ts";
import { nextLink, type PageQuery } from "../../lib/runtime/api/page.ts";
import { replayJson } from "../../lib/runtime/api/replay.ts";
import { readEnvironment } from "../../lib/runtime/environment.ts";
import { type HttpRequest, httpFunction } from "../../lib/runtime/http.ts";
import definition from "./definition.ts";

export const createHandler = (ports: { readonly replays: ReplayStore; readonly now: Clock }) =>
  httpFunction(definition, {
    "GET /replays": async (request: HttpRequest<object, PageQuery>) => {
      const { items, cursor } = await ports.replays.list(request.query);
      // A page of a caller with a device prefix may be short, or empty, and still have a next one.
      const replays = items.filter((replay) => mayUseDevices(request.caller, devicesOf(replay)));
      const nowMs = ports.now();
      return {
        status: 200,
        headers: nextLink(request, cursor),
        body: { replays: replays.map((replay) => replayJson(replay, nowMs)), cursor },
      };
    },
  });

const environment = readEnvironment(definition);
const client = dynamoClient();

export const handler = createHandler({
  replays: dynamoReplayStore(client, environment.table("replays")),
  now: Date.now,
}).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"))));
