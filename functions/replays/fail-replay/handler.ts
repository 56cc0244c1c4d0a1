import * as Type from "typebox";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoReplayStore } from "../../../lib/adapters/dynamodb/replay-store.ts";
import { type FailPorts, failReplay } from "../../../lib/core/replay/fail-replay.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { CAUGHT_ERROR, reasonOf } from "../../../lib/runtime/caught-error.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { taskFunction } from "../../../lib/runtime/task.ts";
import definition from "./definition.ts";

const INPUT = Type.Object({
  replayId: Type.String(),
  run: Type.Integer({ minimum: 1 }),
  error: CAUGHT_ERROR,
  /** The run may have been raised before it failed. */
  handedOver: Type.Optional(Type.Boolean()),
});

export const createHandler = (portsOf: OfTenant<FailPorts>) =>
  taskFunction(definition, INPUT, async ({ replayId, error, handedOver, ...failed }, { tenant }) => {
    const run = handedOver ? failed.run + 1 : failed.run;
    const reason = reasonOf(error);
    await failReplay(portsOf(tenant), { replayId, run, reason });
    return { replayId, run, reason };
  });

const environment = readEnvironment(definition);

export const handler = createHandler(
  portsOfTenant(
    {
      replays: dynamoReplayStore(dynamoClient(), environment.table("replays"), {
        listingsTableName: environment.table("listings"),
        keptDays: environment.limit("replayKeptDays"),
      }),
    },
    { now: Date.now },
  ),
);
