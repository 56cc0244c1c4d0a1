import type { Clock, Sleep } from "../../lib/core/clock.ts";
import type { ScheduleRecord, ScheduleStore } from "./schedule-store.ts";

/** A store that outlives schedulers, as a table does. */
export const memoryScheduleStore = (): ScheduleStore & { readonly records: Map<string, ScheduleRecord> } => {
  const records = new Map<string, ScheduleRecord>();
  return {
    records,
    load: async () => [...records.values()].map((record) => structuredClone(record)),
    save: async (record) => {
      records.set(`${record.groupName}/${record.name}`, structuredClone(record));
    },
    remove: async ({ groupName, name }) => {
      records.delete(`${groupName}/${name}`);
    },
  };
};

/** Time that passes when a test says so. Sleepers wake at once when it is their time, or when they are told. */
export class ManualTime {
  #nowMs: number;
  readonly #sleepers = new Set<{ readonly untilMs: number; readonly wake: () => void }>();

  constructor(start: string) {
    this.#nowMs = Date.parse(start);
  }

  readonly now: Clock = () => this.#nowMs;

  readonly sleep: Sleep = (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const sleeper = { untilMs: this.#nowMs + milliseconds, wake: () => end(resolve) };
      const abort = (): void => end(() => reject(signal?.reason));
      const end = (settle: () => void): void => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener("abort", abort);
        settle();
      };
      signal?.addEventListener("abort", abort);
      this.#sleepers.add(sleeper);
    });

  /** Lets time pass until a moment, sleeper by sleeper; each is done with what it does before the next wakes. */
  async passUntil(moment: string): Promise<void> {
    const untilMs = Date.parse(moment);
    for (;;) {
      await settled();
      const [next] = [...this.#sleepers].sort((one, other) => one.untilMs - other.untilMs);
      if (!next || next.untilMs > untilMs) break;
      this.#nowMs = Math.max(this.#nowMs, next.untilMs);
      next.wake();
    }
    this.#nowMs = untilMs;
    await settled();
  }

  /** As when a laptop was closed: time has passed, and nobody woke. */
  jumpTo(moment: string): void {
    this.#nowMs = Date.parse(moment);
  }
}

/** All that needs no time is done. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
};
