import * as Type from "typebox";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoRecordingStore } from "../../../lib/adapters/dynamodb/recording-store.ts";
import { dynamoTaskStore } from "../../../lib/adapters/dynamodb/task-store.ts";
import { dynamoTrackStore } from "../../../lib/adapters/dynamodb/track-store.ts";
import { fileSourceAt } from "../../../lib/adapters/file-source.ts";
import { recordingReader } from "../../../lib/adapters/recording-reader.ts";
import { zstd } from "../../../lib/adapters/zstd.ts";
import { type StorePorts, storeFile } from "../../../lib/core/recording/import-file.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { MORE_REJECTED, REJECTED_ROWS } from "../../../lib/runtime/api/recording.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { refusableTaskFunction } from "../../../lib/runtime/task.ts";
import definition from "./definition.ts";

const INPUT = Type.Object({
  taskId: Type.String(),
  survey: Type.Object({
    recordingId: Type.String(),
    name: Type.String(),
    format: Type.String(),
    contentHash: Type.String(),
    isInOrder: Type.Boolean(),
    rejectedRowCount: Type.Integer({ minimum: 0 }),
    rejected: REJECTED_ROWS,
    moreRejected: MORE_REJECTED,
  }),
});

export const createHandler = (portsOf: OfTenant<StorePorts>) =>
  refusableTaskFunction(definition, INPUT, ({ taskId, survey }, { tenant }) =>
    storeFile(portsOf(tenant), taskId, survey),
  );

const environment = readEnvironment(definition);
const client = dynamoClient();

export const handler = createHandler(
  portsOfTenant(
    {
      tasks: dynamoTaskStore(client, environment.table("tasks")),
      recordings: dynamoRecordingStore(client, environment.table("recordings"), {
        listingsTableName: environment.table("listings"),
      }),
      tracks: dynamoTrackStore(client, environment.table("tracks")),
    },
    {
      files: fileSourceAt(environment.bucket("recordings")),
      reader: recordingReader,
      compression: zstd,
      now: Date.now,
    },
  ),
);
