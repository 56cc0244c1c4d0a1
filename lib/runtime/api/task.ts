import * as Type from "typebox";
import type { Task } from "../../core/task/task.ts";
import { CONFLICT_COUNT, MORE_REJECTED, REJECTED_ROWS, recordingPath, SPREAD_COUNT } from "./recording.ts";

const COMMON = {
  taskId: Type.String(),
  status: Type.Enum(["REQUESTED", "DONE", "FAILED"]),
  requestedAt: Type.String({ format: "date-time" }),
  expiresAt: Type.String({ format: "date-time", description: "After this time the task is gone" }),
  reason: Type.Optional(Type.String({ description: "Why it failed" })),
};

/** Field of an average speed. */
export const SPEED_DAMAGED = Type.Literal(true, {
  description: "Positions are missing because stored data can no longer be read; absent when none are",
});

const AVERAGE_SPEED_TASK = Type.Object({
  ...COMMON,
  kind: Type.Literal("average-speed"),
  deviceId: Type.String(),
  windowSeconds: Type.Number(),
  result: Type.Optional(
    Type.Object({
      averageSpeedMetersPerSecond: Type.Number(),
      coverage: Type.Number({
        minimum: 0,
        maximum: 1,
        description:
          "How much of the time between the device's newest position then and its newest now the average covers",
      }),
      positionCount: Type.Integer(),
      damaged: Type.Optional(SPEED_DAMAGED),
    }),
  ),
});

export const IMPORT_RESULT = Type.Object({
  recordingId: Type.String(),
  created: Type.Boolean({ description: "False if the same file was imported before under the same name" }),
  positionCount: Type.Integer(),
  duplicateCount: Type.Integer(),
  conflictCount: Type.Optional(CONFLICT_COUNT),
  spreadCount: Type.Optional(SPREAD_COUNT),
  rejectedRowCount: Type.Integer(),
  rejected: REJECTED_ROWS,
  moreRejected: MORE_REJECTED,
});

const IMPORT_TASK = Type.Object({
  ...COMMON,
  kind: Type.Literal("import"),
  file: Type.Object({ bucket: Type.String(), key: Type.String(), version: Type.String() }),
  progress: Type.Optional(
    Type.Object({
      step: Type.Enum(["checking", "storing"], { description: "The file is read twice" }),
      bytesRead: Type.Integer(),
      sizeBytes: Type.Integer(),
    }),
  ),
  result: Type.Optional(IMPORT_RESULT),
  links: Type.Optional(Type.Object({ recording: Type.String() })),
});

/** Which tasks are listed. */
export const TASK_KIND = Type.Enum(["average-speed", "import", "erasure"]);

const ERASURE_TASK = Type.Object({
  ...COMMON,
  kind: Type.Literal("erasure"),
  result: Type.Optional(
    Type.Object({
      erasedAt: Type.String({
        format: "date-time",
        description: "What reaches the stream after this starts a new device",
      }),
    }),
  ),
});

export const TASK = Type.Union([AVERAGE_SPEED_TASK, IMPORT_TASK, ERASURE_TASK]);

export const taskPath = (taskId: string): string => `/tasks/${encodeURIComponent(taskId)}`;

/** A task as the API answers it. */
export const taskJson = ({ requestedAtMs, expiresAtSeconds, ...task }: Task) => {
  const times = {
    requestedAt: new Date(requestedAtMs).toISOString(),
    expiresAt: new Date(expiresAtSeconds * 1000).toISOString(),
  };
  if (task.kind === "import") {
    const { result } = task;
    return { ...task, ...times, ...(result && { links: { recording: recordingPath(result.recordingId) } }) };
  }
  if (task.kind === "erasure") {
    const { result } = task;
    return {
      ...task,
      ...times,
      ...(result && { result: { erasedAt: new Date(result.erasedAtMs).toISOString() } }),
    };
  }
  const { fromTimestampMs: _, ...averageSpeed } = task;
  return { ...averageSpeed, ...times };
};
