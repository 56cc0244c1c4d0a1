import { NotFoundError } from "../../core/errors.ts";
import type { Task, TaskStore } from "../../core/task/task.ts";

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
    async complete(taskId, outcome) {
      const task = tasks.get(taskId);
      if (!task) throw new NotFoundError(`task ${taskId} does not exist`);
      if (task.status === "REQUESTED") tasks.set(taskId, { ...task, ...structuredClone(outcome) });
    },
  };
};
