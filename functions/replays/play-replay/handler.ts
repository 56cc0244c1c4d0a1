import * as Type from "typebox";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoReplayStore } from "../../../lib/adapters/dynamodb/replay-store.ts";
import { dynamoTrackStore } from "../../../lib/adapters/dynamodb/track-store.ts";
import { segmentKey } from "../../../lib/adapters/segment-key.ts";
import { sleep } from "../../../lib/adapters/sleep.ts";
import { positionStreamOf } from "../../../lib/adapters/streams/streams.ts";
import { zstd } from "../../../lib/adapters/zstd.ts";
import { HANDOVER_CHUNKS } from "../../../lib/core/replay/continue-replay.ts";
import { type PlayerPorts, playReplay } from "../../../lib/core/replay/play.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { damageReporter } from "../../../lib/runtime/damage.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { refusableTaskFunction } from "../../../lib/runtime/task.ts";
import definition from "./definition.ts";

const INPUT = Type.Object({
  replayId: Type.String(),
  run: Type.Integer({ minimum: 1 }),
  chunk: Type.Integer({ minimum: 0 }),
});

export const createHandler = (portsOf: OfTenant<PlayerPorts>, chunkSeconds: number) =>
  refusableTaskFunction(definition, INPUT, (input, { tenant }) =>
    playReplay(portsOf(tenant), input, { chunkSeconds, handoverChunks: HANDOVER_CHUNKS }),
  );

const environment = readEnvironment(definition);
const client = dynamoClient();

export const handler = createHandler(
  portsOfTenant(
    {
      replays: dynamoReplayStore(client, environment.table("replays"), {
        listingsTableName: environment.table("listings"),
        keptDays: environment.limit("replayKeptDays"),
      }),
      tracks: dynamoTrackStore(client, environment.table("tracks")),
      stream: positionStreamOf(environment.stream("positions")),
      onDamage: damageReporter(definition, segmentKey),
    },
    { compression: zstd, now: Date.now, sleep },
  ),
  Number(environment.variable("CHUNK_SECONDS")),
);
