import { type ExecutionRecord, type ExecutionStore, summaryIn } from "./execution-store.ts";

/** Executions of one process, for tests and for stacks that keep nothing. */
export const memoryExecutionStore = (): ExecutionStore => {
  const kept = new Map<string, { readonly record: ExecutionRecord; readonly token: number }>();
  const announcements = new Set<string>();
  const runningUnder = (executionArn: string, token: number): ExecutionRecord | undefined => {
    const found = kept.get(executionArn);
    return found?.record.status === "RUNNING" && found.token <= token ? found.record : undefined;
  };
  const put = (record: ExecutionRecord, token: number): void => {
    kept.set(record.executionArn, { record: structuredClone(record), token });
  };
  return {
    async create(record, token) {
      if (kept.has(record.executionArn)) return false;
      put(record, token);
      return true;
    },
    get: async (executionArn) => structuredClone(kept.get(executionArn)?.record),
    list: async () => [...kept.values()].map(({ record }) => summaryIn(record)),
    async claim(executionArn, token) {
      const record = runningUnder(executionArn, token);
      if (record) put(record, token);
      return structuredClone(record);
    },
    async save(record, token) {
      if (!runningUnder(record.executionArn, token)) return false;
      put(record, token);
      return true;
    },
    async end(record) {
      if (!runningUnder(record.executionArn, Number.POSITIVE_INFINITY)) return false;
      put(record, kept.get(record.executionArn)?.token ?? 0);
      return true;
    },
    async remove(executionArn) {
      kept.delete(executionArn);
    },
    async announce(executionArn) {
      announcements.add(executionArn);
    },
    async takeAnnounced() {
      const taken = [...announcements];
      announcements.clear();
      return taken;
    },
  };
};
