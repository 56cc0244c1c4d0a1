import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoRecordingStore } from "../../../lib/adapters/dynamodb/recording-store.ts";
import { dynamoReplayStore } from "../../../lib/adapters/dynamodb/replay-store.ts";
import { dynamoTaskStore } from "../../../lib/adapters/dynamodb/task-store.ts";
import { dynamoTrackStore } from "../../../lib/adapters/dynamodb/track-store.ts";
import { schedulerClient } from "../../../lib/adapters/eventbridge-scheduler/client.ts";
import { eventbridgeReplayScheduler } from "../../../lib/adapters/eventbridge-scheduler/replay-scheduler.ts";
import { fileVersion } from "../../../lib/adapters/folder/file-source.ts";
import { PositionBuffer } from "../../../lib/core/position/position-buffer.ts";
import type { Recording } from "../../../lib/core/recording/recording.ts";
import type { Replay } from "../../../lib/core/replay/replay.ts";
import type { NewReplaySchedule } from "../../../lib/core/schedule/replay-schedule.ts";
import { encodeSegment } from "../../../lib/core/segment/segment.ts";
import type { AverageSpeedTask, ImportTask } from "../../../lib/core/task/task.ts";
import { DEFAULT_TENANT } from "../../../lib/core/tenant/tenant-id.ts";
import { recordingTrack } from "../../../lib/core/track/track-store.ts";
import { localClientSettings } from "../../engine/clients.ts";
import { scheduleGroupName, scheduleTarget, tableName } from "../../engine/names.ts";
import type { StackAddress } from "../stack/stack-file.ts";
import { makeSampleDevices } from "./sample-devices.ts";
import { makeSampleShares } from "./sample-shares.ts";

const CREATED_MS = Date.parse("2026-11-20T12:00:00Z");
const FIRST_MS = Date.parse("2019-12-24T20:21:27.999Z");
const SECONDS = 60;

const POSITIONS = PositionBuffer.from(
  Array.from({ length: SECONDS + 1 }, (_, second) => ({
    timestampMs: FIRST_MS + second * 1_000,
    latitude: 48.1374 + second / 10_000,
    longitude: 11.5755,
    speedMetersPerSecond: 11.12,
  })),
);
const LAST_MS = FIRST_MS + SECONDS * 1_000;

const recording = (recordingId: string): Recording => ({
  recordingId,
  name: "Example drive",
  format: "csv",
  contentHash: "0".repeat(64),
  positionCount: POSITIONS.count,
  firstTimestampMs: FIRST_MS,
  lastTimestampMs: LAST_MS,
  medianIntervalMs: 1_000,
  distanceMeters: 667.17,
  rejectedRowCount: 0,
  duplicateCount: 0,
  createdAtMs: CREATED_MS,
});

/** Paused, so that it stays as it is. */
const replay = (replayId: string): Replay => ({
  replayId,
  version: 0,
  status: "paused",
  run: 1,
  starting: false,
  sources: [
    {
      recordingId: "example-drive",
      deviceId: "example-bus",
      copies: 2,
      firstTimestampMs: FIRST_MS,
      lastTimestampMs: LAST_MS,
    },
  ],
  options: { loop: true, timestamps: "now" },
  timeline: {
    startMs: 0,
    endMs: SECONDS * 1_000,
    durationMs: SECONDS * 1_000,
    periodMs: (SECONDS + 1) * 1_000,
  },
  clock: { anchorOffsetMs: 30_000, anchorWallMs: CREATED_MS, rate: 1, paused: true },
  nextOffsetMs: 30_000,
  lastTimestampsMs: [CREATED_MS],
  positionsPublished: 60,
  playerSeenMs: CREATED_MS,
  createdAtMs: CREATED_MS,
  updatedAtMs: CREATED_MS,
});

/** Years away, so that it does nothing while somebody looks at it. */
const schedule = (name: string): NewReplaySchedule => ({
  name,
  timing: { at: "2099-01-01T03:00:00" },
  timezone: "Europe/Ljubljana",
  replay: { recordingId: "example-drive" },
});

const task = (taskId: string): AverageSpeedTask => ({
  taskId,
  kind: "average-speed",
  status: "REQUESTED",
  deviceId: "demo",
  windowSeconds: 60,
  requestedAtMs: CREATED_MS,
  fromTimestampMs: FIRST_MS,
  // Far from now, whenever that is.
  expiresAtSeconds: 4_000_000_000,
});

/** The file is hidden, so that the inbox leaves it to the events. */
const importTask = (taskId: string, inboxFolder: string): ImportTask => {
  const key = ".example-file-to-import.csv";
  const path = join(inboxFolder, key);
  writeFileSync(
    path,
    "timestamp,latitude,longitude\n2026-03-14T08:00:00Z,46.05,14.5\n2026-03-14T08:00:01Z,46.0501,14.5\n",
  );
  return {
    taskId,
    kind: "import",
    status: "REQUESTED",
    file: { bucket: "inbox", key, version: fileVersion(statSync(path)) },
    requestedAtMs: CREATED_MS,
    expiresAtSeconds: 4_000_000_000,
  };
};

/** Puts everything that the sample events name into a stack's tables. */
export const makeSampleWorld = async ({
  dynamodbEndpoint,
  schedulerEndpoint,
  credentials,
  inboxFolder,
}: Pick<StackAddress, "dynamodbEndpoint" | "schedulerEndpoint" | "credentials" | "inboxFolder">) => {
  const client = dynamoClient(localClientSettings(dynamodbEndpoint, credentials));
  const scheduling = schedulerClient(localClientSettings(schedulerEndpoint, credentials));
  const group = scheduleGroupName("replays");
  const schedules = eventbridgeReplayScheduler(scheduling, group, scheduleTarget("replays"))(DEFAULT_TENANT);
  const listingsTableName = tableName("listings");
  const recordings = dynamoRecordingStore(client, tableName("recordings"), { listingsTableName })(
    DEFAULT_TENANT,
  );
  const tracks = dynamoTrackStore(client, tableName("tracks"))(DEFAULT_TENANT);
  const replays = dynamoReplayStore(client, tableName("replays"), { listingsTableName })(DEFAULT_TENANT);
  const tasks = dynamoTaskStore(client, tableName("tasks"), listingsTableName)(DEFAULT_TENANT);
  try {
    for (const recordingId of ["example-drive", "example-drive-to-delete"]) {
      await tracks.put(recordingTrack(recordingId), [
        {
          kind: "sealed",
          firstTimestampMs: FIRST_MS,
          lastTimestampMs: LAST_MS,
          positionCount: POSITIONS.count,
          data: encodeSegment(POSITIONS),
        },
      ]);
      await recordings.put(recording(recordingId));
    }
    for (const replayId of ["example-replay", "example-replay-to-delete"])
      await replays.save(replay(replayId));
    for (const name of ["example-schedule", "example-schedule-to-delete"])
      await schedules.put(schedule(name));
    await tasks.create(importTask("example-import", inboxFolder));
    for (const taskId of ["example-task", "example-task-requested", "example-task-to-fail"]) {
      await tasks.create(task(taskId));
    }
    await tasks.complete("example-task", {
      status: "DONE",
      result: { averageSpeedMetersPerSecond: 11.12, coverage: 1, positionCount: 61 },
    });
    await makeSampleDevices(client, Date.now());
    await makeSampleShares(client, CREATED_MS);
  } finally {
    client.destroy();
    scheduling.destroy();
  }
};
