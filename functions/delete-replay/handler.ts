import { dynamoClient } from "../../lib/adapters/dynamodb/client.ts";
import { dynamoReplayStore } from "../../lib/adapters/dynamodb/replay-store.ts";
import { NotFoundError } from "../../lib/core/errors.ts";
import type { ReplayStore } from "../../lib/core/replay/replay-store.ts";
import { readEnvironment } from "../../lib/runtime/environment.ts";
import { type HttpRequest, httpFunction } from "../../lib/runtime/http.ts";
import definition from "./definition.ts";

export const createHandler = ({ replays }: { readonly replays: ReplayStore }) =>
  httpFunction(definition, {
    "DELETE /replays/{replayId}": async ({ parameters }: HttpRequest<{ replayId: string }>) => {
      const { replayId } = parameters;
      if (!(await replays.get(replayId))) throw new NotFoundError(`replay ${replayId} does not exist`);
      // Its player can't save any more, finds nothing to read, and ends with its execution.
      await replays.remove(replayId);
      return { status: 204 };
    },
  });

const environment = readEnvironment(definition);

export const handler = createHandler({
  replays: dynamoReplayStore(dynamoClient(), environment.table("replays")),
});
