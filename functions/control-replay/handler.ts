import { dynamoClient } from "../../lib/adapters/dynamodb/client.ts";
import { dynamoReplayStore } from "../../lib/adapters/dynamodb/replay-store.ts";
import { sfnClient } from "../../lib/adapters/step-functions/client.ts";
import { stepFunctionsStarter } from "../../lib/adapters/step-functions/workflow-starter.ts";
import { type ControlPorts, controlReplay } from "../../lib/core/replay/control-replay.ts";
import { replayJson } from "../../lib/runtime/api/replay.ts";
import { readEnvironment } from "../../lib/runtime/environment.ts";
import { type HttpRequest, httpFunction } from "../../lib/runtime/http.ts";
import definition from "./definition.ts";

interface PatchBody {
  readonly rate?: number;
  readonly paused?: boolean;
  readonly seek?: number;
}

export const createHandler = (ports: ControlPorts) =>
  httpFunction(definition, {
    "PATCH /replays/{replayId}": async (request: HttpRequest<{ replayId: string }, object, PatchBody>) => {
      const { rate, paused, seek: seekSeconds } = request.body;
      const { replayId } = request.parameters;
      const replay = await controlReplay(ports, replayId, { rate, paused, seekSeconds });
      return { status: 200, body: replayJson(replay, ports.now()) };
    },
  });

const environment = readEnvironment(definition);

export const handler = createHandler({
  replays: dynamoReplayStore(dynamoClient(), environment.table("replays")),
  workflows: stepFunctionsStarter(sfnClient(), { replay: environment.workflow("replay") }),
  now: Date.now,
});
