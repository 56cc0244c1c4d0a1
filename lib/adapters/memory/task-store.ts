import { belongsTo } from "../../core/access/device-prefix.ts";
import { NotFoundError } from "../../core/errors.ts";
import { devicesOfTask, type Task, type TaskStore } from "../../core/task/task.ts";
import { pageOf } from "./paging.ts";

/** A tasks table in memory. */
export const memoryTaskStore = (): TaskStore => {
  const tasks = new Map<string, Task>();
  return {
    async create(task) {
      if (!tasks.has(task.taskId)) tasks.set(task.taskId, structuredClone(task));
    },
    async get(taskId, nowMs) {
      const task = tasks.get(taskId);
      return task && nowMs < task.expiresAtSeconds * 1000 ? structuredClone(task) : undefined;
    },
    async list(kind, { devicePrefix, deviceId, ...request }, nowMs) {
      const listed = [...tasks].filter(
        ([, task]) =>
          task.kind === kind &&
          nowMs < task.expiresAtSeconds * 1000 &&
          devicesOfTask(task).every(
            (device) => devicePrefix === undefined || belongsTo(devicePrefix, device),
          ) &&
          (deviceId === undefined || devicesOfTask(task).includes(deviceId)),
      );
      return pageOf(new Map(listed), "taskId", request, (task) => structuredClone(task));
    },
    async remove(taskId) {
      tasks.delete(taskId);
    },
    async advance(taskId, progress) {
      const task = tasks.get(taskId);
      if (!task) throw new NotFoundError(`task ${taskId} does not exist`);
      if (task.status === "REQUESTED") tasks.set(taskId, { ...task, progress: { ...progress } } as Task);
    },
    async complete(taskId, outcome) {
      const task = tasks.get(taskId);
      if (!task) throw new NotFoundError(`task ${taskId} does not exist`);
      if (task.status === "REQUESTED") tasks.set(taskId, { ...task, ...structuredClone(outcome) } as Task);
    },
  };
};
