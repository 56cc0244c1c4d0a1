import { dynamoClient } from "../../lib/adapters/dynamodb/client.ts";
import { dynamoReplayStore } from "../../lib/adapters/dynamodb/replay-store.ts";
import type { Clock } from "../../lib/core/clock.ts";
import { NotFoundError } from "../../lib/core/errors.ts";
import type { ReplayStore } from "../../lib/core/replay/replay-store.ts";
import { replayJson } from "../../lib/runtime/api/replay.ts";
import { readEnvironment } from "../../lib/runtime/environment.ts";
import { type HttpRequest, httpFunction } from "../../lib/runtime/http.ts";
import definition from "./definition.ts";

export const createHandler = ({ replays, now }: { readonly replays: ReplayStore; readonly now: Clock }) =>
  httpFunction(definition, {
    "GET /replays/{replayId}": async ({ parameters }: HttpRequest<{ replayId: string }>) => {
      const replay = await replays.get(parameters.replayId);
      if (!replay) throw new NotFoundError(`replay ${parameters.replayId} does not exist`);
      return { status: 200, body: replayJson(replay, now()) };
    },
  });

const environment = readEnvironment(definition);

export const handler = createHandler({
  replays: dynamoReplayStore(dynamoClient(), environment.table("replays")),
  now: Date.now,
});
