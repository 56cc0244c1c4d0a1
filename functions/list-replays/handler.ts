import { dynamoClient } from "../../lib/adapters/dynamodb/client.ts";
import { dynamoReplayStore } from "../../lib/adapters/dynamodb/replay-store.ts";
import type { Clock } from "../../lib/core/clock.ts";
import type { ReplayStore } from "../../lib/core/replay/replay-store.ts";
import { nextLink, type PageQuery } from "../../lib/runtime/api/page.ts";
import { replayJson } from "../../lib/runtime/api/replay.ts";
import { readEnvironment } from "../../lib/runtime/environment.ts";
import { type HttpRequest, httpFunction } from "../../lib/runtime/http.ts";
import definition from "./definition.ts";

export const createHandler = ({ replays, now }: { readonly replays: ReplayStore; readonly now: Clock }) =>
  httpFunction(definition, {
    "GET /replays": async (request: HttpRequest<object, PageQuery>) => {
      const { items, cursor } = await replays.list(request.query);
      const nowMs = now();
      return {
        status: 200,
        headers: nextLink(request, cursor),
        body: { replays: items.map((replay) => replayJson(replay, nowMs)), cursor },
      };
    },
  });

const environment = readEnvironment(definition);

export const handler = createHandler({
  replays: dynamoReplayStore(dynamoClient(), environment.table("replays")),
  now: Date.now,
});
