import type { Claims } from "../claims/claims.ts";
import type { Clock } from "../clock.ts";
import type { DeviceStore } from "../device/device-store.ts";
import { heardDevice } from "../device/heard-device.ts";
import { NotFoundError } from "../errors.ts";
import { inputErrorOf } from "../field-problems.ts";
import type { WorkflowStarter } from "../workflow/workflow-starter.ts";
import type { AverageSpeedTask, TaskStore } from "./task.ts";
import { admitTask, type TaskLimits } from "./waiting-tasks.ts";

export interface RequestPorts {
  readonly devices: DeviceStore;
  readonly tasks: TaskStore;
  readonly workflows: WorkflowStarter;
  readonly now: Clock;
  readonly newId: () => string;
  readonly claims: Claims;
  readonly limits: TaskLimits;
  /** How long a task is kept after its window; a day by default. */
  readonly keptDays?: number;
}

export interface AverageSpeedRequest {
  readonly deviceId: string;
  readonly windowSeconds: number;
  /** Of the caller, where there is one. */
  readonly keyId?: string;
}

/** What the average-speed workflow is started with. */
export interface AverageSpeedInput {
  readonly taskId: string;
  /**
   * When the window has passed, ISO 8601: a fixed time, so that an execution that starts late, or again, does
   * not wait longer.
   */
  readonly windowEndsAt: string;
}

/**
 * Positions are a millisecond apart at least. Shorter windows hold nothing, and the smallest numbers can't be
 * stored.
 */
export const MINIMUM_WINDOW_SECONDS = 0.001;
/** A day is also what the API computes at once. */
export const MAXIMUM_WINDOW_SECONDS = 86_400;

const DAY_SECONDS = 24 * 60 * 60;

/**
 * Asks for a device's average speed over the coming window: the workflow waits for it to pass, then computes.
 * Throws InvalidInputError, NotFoundError for a device that was never heard, LimitError, and what the
 * workflow service throws: then the task is FAILED.
 */
export const requestAverageSpeed = async (
  ports: RequestPorts,
  { deviceId, windowSeconds, keyId }: AverageSpeedRequest,
): Promise<AverageSpeedTask> => {
  refuseWindow(windowSeconds);
  const { tail } = await heardDevice(ports.devices, deviceId);
  if (tail.count === 0) throw new NotFoundError(`device ${deviceId} was never heard`);
  const requestedAtMs = ports.now();
  const task: AverageSpeedTask = {
    taskId: ports.newId(),
    kind: "average-speed",
    status: "REQUESTED",
    deviceId,
    windowSeconds,
    requestedAtMs,
    fromTimestampMs: tail.timestampsMs[tail.count - 1],
    expiresAtSeconds: Math.ceil(requestedAtMs / 1000 + windowSeconds) + (ports.keptDays ?? 1) * DAY_SECONDS,
  };
  const untilMs = requestedAtMs + windowSeconds * 1000;
  await admitTask(ports.claims, { taskId: task.taskId, keyId, untilMs }, ports.limits, requestedAtMs);
  await ports.tasks.create(task);
  const windowEndsAt = new Date(untilMs).toISOString();
  const input: AverageSpeedInput = { taskId: task.taskId, windowEndsAt };
  try {
    await ports.workflows.start("average-speed", task.taskId, input);
  } catch (error) {
    await ports.tasks.complete(task.taskId, { status: "FAILED", reason: "the workflow did not start" });
    throw error;
  }
  return task;
};

const refuseWindow = (windowSeconds: number): void => {
  if (windowSeconds >= MINIMUM_WINDOW_SECONDS && windowSeconds <= MAXIMUM_WINDOW_SECONDS) return;
  const rule = `must be a number from ${MINIMUM_WINDOW_SECONDS} to ${MAXIMUM_WINDOW_SECONDS}`;
  throw inputErrorOf({ field: "windowSeconds", value: windowSeconds, rule });
};
