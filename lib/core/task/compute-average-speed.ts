import type { Clock } from "../clock.ts";
import type { DeviceStore } from "../device/device-store.ts";
import { heardDevice } from "../device/heard-device.ts";
import { windowAverageSpeed } from "../device/window-average-speed.ts";
import { NotFoundError } from "../errors.ts";
import type { ReadTrackPorts } from "../track/read-track.ts";
import type { TaskOutcome, TaskStore } from "./task.ts";

export interface ComputePorts extends ReadTrackPorts {
  readonly devices: DeviceStore;
  readonly tasks: TaskStore;
  readonly now: Clock;
}

/**
 * Completes a task with the average speed over what the device reported since the task was asked for: from
 * its newest position then to its newest position now, in its own time. Coverage is relative to that span. If
 * nothing came, it is the last reported speed with coverage 0. Repeating it is harmless: the first outcome
 * stays. Throws NotFoundError.
 */
export const computeAverageSpeed = async (ports: ComputePorts, taskId: string): Promise<TaskOutcome> => {
  const task = await ports.tasks.get(taskId, ports.now());
  if (task?.kind !== "average-speed") throw new NotFoundError(`task ${taskId} does not exist`);
  const state = await heardDevice(ports.devices, task.deviceId);
  if (state.tail.count === 0) throw new NotFoundError(`device ${task.deviceId} was never heard`);
  const window = {
    fromMs: task.fromTimestampMs,
    toMs: Math.max(task.fromTimestampMs, state.tail.timestampsMs[state.tail.count - 1]),
  };
  const result = await windowAverageSpeed(ports, state, window);
  const outcome: TaskOutcome = { status: "DONE", result };
  await ports.tasks.complete(taskId, outcome);
  return outcome;
};
