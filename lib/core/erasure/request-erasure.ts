import type { DeviceStore } from "../device/device-store.ts";
import { findMark, putErasure, putMark } from "../device/erasure-mark.ts";
import { ConflictError, NotFoundError } from "../errors.ts";
import { type ActivePorts, replaysOnto } from "../replay/active-replays.ts";
import type { ErasureTask, TaskStore } from "../task/task.ts";
import type { WorkflowStarter } from "../workflow/workflow-starter.ts";

export interface RequestErasurePorts extends ActivePorts {
  readonly devices: Pick<DeviceStore, "load" | "remove">;
  readonly tasks: TaskStore;
  readonly workflows: WorkflowStarter;
  readonly newId: () => string;
}

/** What the erase-device workflow is started with, and what each of its steps hands to the next. */
export interface ErasureInput {
  readonly taskId: string;
  /** 1, then 2 when writers that were still active have finished. */
  readonly pass: number;
  readonly cursor?: string;
}

const KEPT_SECONDS = 24 * 60 * 60;

/**
 * Starts to erase a device and its whole past. From now on the device does not exist, and its records are
 * dropped until the task is done; later records start a new device. While it runs, asking again returns the
 * same task. Throws NotFoundError, ConflictError while a replay plays onto it, and what the workflow service
 * throws; it can then be requested again.
 */
export const requestErasure = async (ports: RequestErasurePorts, deviceId: string): Promise<ErasureTask> => {
  const { claims, devices, tasks, workflows, now, newId } = ports;
  const mark = await findMark(claims, deviceId, now());
  const running = mark && mark.erasedAtMs === undefined ? await tasks.get(mark.taskId, now()) : undefined;
  if (running?.kind === "erasure" && running.status === "REQUESTED") {
    await start(workflows, running.taskId);
    return running;
  }
  const isHalfErased = mark !== undefined && mark.erasedAtMs === undefined;
  if (!isHalfErased && !(await devices.load([deviceId])).has(deviceId)) {
    throw new NotFoundError(`device ${deviceId} was never heard, or only within the last seconds`);
  }
  const [player] = await replaysOnto(ports, deviceId);
  if (player) {
    throw new ConflictError(`device ${deviceId} is played by replay ${player.replayId}: delete that first`);
  }
  const requestedAtMs = now();
  const task: ErasureTask = {
    taskId: newId(),
    kind: "erasure",
    status: "REQUESTED",
    requestedAtMs,
    expiresAtSeconds: Math.ceil(requestedAtMs / 1000) + KEPT_SECONDS,
  };
  await tasks.create(task);
  await putErasure(claims, task.taskId, deviceId, requestedAtMs);
  await putMark(claims, deviceId, { taskId: task.taskId }, requestedAtMs);
  await devices.remove(deviceId);
  await start(workflows, task.taskId);
  return task;
};

const start = (workflows: WorkflowStarter, taskId: string): Promise<void> => {
  const input: ErasureInput = { taskId, pass: 1 };
  return workflows.start("erase-device", taskId, input);
};
