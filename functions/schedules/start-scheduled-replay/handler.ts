import { dynamoClaims } from "../../../lib/adapters/dynamodb/claims.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoRecordingStore } from "../../../lib/adapters/dynamodb/recording-store.ts";
import { dynamoReplayStore } from "../../../lib/adapters/dynamodb/replay-store.ts";
import { dynamoLimits } from "../../../lib/adapters/dynamodb/tenant-limit-store.ts";
import { sfnClient } from "../../../lib/adapters/step-functions/client.ts";
import { stepFunctionsStarter } from "../../../lib/adapters/step-functions/workflow-starter.ts";
import { type StartPorts, startScheduledReplay } from "../../../lib/core/schedule/start-scheduled-replay.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { SCHEDULED_REPLAY } from "../../../lib/runtime/api/replay-schedule.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { replayLimits } from "../../../lib/runtime/replay-limits.ts";
import { refusableTaskFunction } from "../../../lib/runtime/task.ts";
import definition from "./definition.ts";

export const createHandler = (portsOf: OfTenant<StartPorts>) =>
  refusableTaskFunction(definition, SCHEDULED_REPLAY, async (run, { tenant }) => {
    const { replayId, status } = await startScheduledReplay(portsOf(tenant), run);
    return { replayId, status };
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
    },
  ),
);
