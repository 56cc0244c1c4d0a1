import type { ScheduleRecord, ScheduleStore } from "./schedule-store.ts";

/** Schedules of one process, for tests and for stacks that keep nothing. */
export const memoryScheduleStore = (): ScheduleStore => {
  const kept = new Map<string, ScheduleRecord>();
  const keyOf = ({ groupName, name }: Pick<ScheduleRecord, "groupName" | "name">): string =>
    JSON.stringify([groupName, name]);
  const isAsSeen = (seen: ScheduleRecord): boolean => kept.get(keyOf(seen))?.revision === seen.revision;
  return {
    list: async () => [...kept.values()].map((record) => structuredClone(record)),
    get: async (groupName, name) => structuredClone(kept.get(keyOf({ groupName, name }))),
    async save(record, seen) {
      if (seen ? !isAsSeen(seen) : kept.has(keyOf(record))) return false;
      kept.set(keyOf(record), structuredClone(record));
      return true;
    },
    async remove(seen) {
      return isAsSeen(seen) && kept.delete(keyOf(seen));
    },
  };
};
