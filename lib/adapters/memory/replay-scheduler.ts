import type { Clock } from "../../core/clock.ts";
import { NotFoundError } from "../../core/errors.ts";
import type {
  ReplaySchedule,
  ReplayScheduleRemover,
  ReplayScheduler,
} from "../../core/schedule/replay-schedule.ts";
import { pageOf } from "./paging.ts";

/** A scheduler in memory that keeps schedules and delivers nothing. */
export const memoryReplayScheduler = (
  now: Clock = () => 1_795_176_000_000,
): ReplayScheduler & ReplayScheduleRemover => {
  const schedules = new Map<string, ReplaySchedule>();
  return {
    count: async (upTo) => Math.min(upTo, schedules.size),
    async get(name) {
      return structuredClone(schedules.get(name));
    },
    async list(request) {
      return pageOf(schedules, "token", request, (schedule) => structuredClone(schedule));
    },
    async put(schedule) {
      const createdAtMs = schedules.get(schedule.name)?.createdAtMs ?? now();
      schedules.set(schedule.name, { ...structuredClone(schedule), createdAtMs, updatedAtMs: now() });
    },
    async remove(name) {
      if (!schedules.delete(name)) throw new NotFoundError(`there is no replay schedule ${name}`);
    },
  };
};
