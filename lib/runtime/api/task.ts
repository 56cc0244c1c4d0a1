import * as Type from "typebox";
import type { Task } from "../../core/task/task.ts";

export const TASK = Type.Object({
  taskId: Type.String(),
  kind: Type.Literal("average-speed"),
  status: Type.Enum(["REQUESTED", "DONE", "FAILED"]),
  deviceId: Type.String(),
  windowSeconds: Type.Number(),
  requestedAt: Type.String({ format: "date-time" }),
  expiresAt: Type.String({ format: "date-time", description: "After that the task is gone" }),
  result: Type.Optional(
    Type.Object({
      averageSpeedMetersPerSecond: Type.Number(),
      coverage: Type.Number({
        minimum: 0,
        maximum: 1,
        description:
          "Part of the time between the device's newest positions then and now that the average rests on",
      }),
      positionCount: Type.Integer(),
    }),
  ),
  reason: Type.Optional(Type.String({ description: "Why it failed" })),
});

export const taskPath = (taskId: string): string => `/tasks/${encodeURIComponent(taskId)}`;

/** A task as the API answers it. */
export const taskJson = ({ requestedAtMs, fromTimestampMs: _, expiresAtSeconds, ...task }: Task) => ({
  ...task,
  requestedAt: new Date(requestedAtMs).toISOString(),
  expiresAt: new Date(expiresAtSeconds * 1000).toISOString(),
});
