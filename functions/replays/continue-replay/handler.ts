import * as Type from "typebox";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoReplayStore } from "../../../lib/adapters/dynamodb/replay-store.ts";
import { sfnClient } from "../../../lib/adapters/step-functions/client.ts";
import { stepFunctionsStarter } from "../../../lib/adapters/step-functions/workflow-starter.ts";
import { continueReplay } from "../../../lib/core/replay/continue-replay.ts";
import type { RunPorts } from "../../../lib/core/replay/control-replay.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { taskFunction } from "../../../lib/runtime/task.ts";
import definition from "./definition.ts";

const INPUT = Type.Object({ replayId: Type.String(), run: Type.Integer({ minimum: 1 }) });

export const createHandler = (portsOf: OfTenant<RunPorts>) =>
  taskFunction(definition, INPUT, (input, { tenant }) => continueReplay(portsOf(tenant), input));

const environment = readEnvironment(definition);

export const handler = createHandler(
  portsOfTenant(
    {
      replays: dynamoReplayStore(dynamoClient(), environment.table("replays"), {
        listingsTableName: environment.table("listings"),
        keptDays: environment.limit("replayKeptDays"),
      }),
      workflows: stepFunctionsStarter(sfnClient(), { replay: environment.workflow("replay") }),
    },
    { now: Date.now },
  ),
);
