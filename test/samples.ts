import type { Recording } from "../lib/core/recording/recording.ts";
import type { AverageSpeedTask, ImportTask } from "../lib/core/task/task.ts";

/* Items as the tables hold them, for tests that need one. */

export const RECORDING: Recording = {
  recordingId: "drive",
  name: "drive.csv",
  format: "csv",
  contentHash: "0".repeat(64),
  positionCount: 1_316,
  firstTimestampMs: 1_577_218_887_999,
  lastTimestampMs: 1_577_220_330_999,
  medianIntervalMs: 1_000,
  distanceMeters: 13_000.126,
  rejectedRowCount: 0,
  duplicateCount: 0,
  createdAtMs: Date.parse("2026-11-20T12:00:00Z"),
};

export const TASK: AverageSpeedTask = {
  taskId: "task-1",
  kind: "average-speed",
  status: "REQUESTED",
  deviceId: "car",
  windowSeconds: 60,
  requestedAtMs: Date.parse("2026-11-20T12:00:00Z"),
  fromTimestampMs: 1_577_218_887_999,
  expiresAtSeconds: Date.parse("2026-11-21T12:00:00Z") / 1_000,
};

export const IMPORT_TASK: ImportTask = {
  taskId: "import-1",
  kind: "import",
  status: "REQUESTED",
  file: { bucket: "recordings", key: "fleet/van.csv", version: "v1" },
  requestedAtMs: Date.parse("2026-11-20T12:00:00Z"),
  expiresAtSeconds: Date.parse("2026-12-20T12:00:00Z") / 1_000,
};
