import { dynamoAccess } from "../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../lib/adapters/dynamodb/client.ts";
import { dynamoReplayStore } from "../../lib/adapters/dynamodb/replay-store.ts";
import { checkDevices } from "../../lib/core/access/caller.ts";
import { NotFoundError } from "../../lib/core/errors.ts";
import { devicesOf } from "../../lib/core/replay/replay.ts";
import type { ReplayStore } from "../../lib/core/replay/replay-store.ts";
import { checkAccess } from "../../lib/runtime/access.ts";
import { readEnvironment } from "../../lib/runtime/environment.ts";
import { type HttpRequest, httpFunction } from "../../lib/runtime/http.ts";
import definition from "./definition.ts";

export const createHandler = ({ replays }: { readonly replays: ReplayStore }) =>
  httpFunction(definition, {
    "DELETE /replays/{replayId}": async ({ parameters, caller }: HttpRequest<{ replayId: string }>) => {
      const { replayId } = parameters;
      const replay = await replays.get(replayId);
      if (!replay) throw new NotFoundError(`replay ${replayId} does not exist`);
      checkDevices(caller, devicesOf(replay));
      // Its player can't save any more, finds nothing to read, and ends with its execution.
      await replays.remove(replayId);
      return { status: 204 };
    },
  });

const environment = readEnvironment(definition);
const client = dynamoClient();

export const handler = createHandler({
  replays: dynamoReplayStore(client, environment.table("replays")),
}).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"))));
