import type { Clock, Sleep } from "../../lib/core/clock.ts";
import type { LeaseClocks } from "./clocks.ts";
import type { LeaseStore } from "./lease-store.ts";
import { type LeasedWork, type LeaseShare, shareLeases } from "./share-leases.ts";

/* Processes on machines of their own, with clocks that differ, that are paused, suspended and killed. */

/** The time of all machines together. */
export interface CommonTime {
  readonly now: Clock;
  readonly sleep: Sleep;
}

export interface Machine {
  readonly owner: string;
  readonly clocks: LeaseClocks;
  readonly sleep: Sleep;
  /**
   * Stops everything in it. A suspended machine's monotonic clock stands still meanwhile, and a paused
   * process's does not.
   */
  pause(kind: "paused" | "suspended"): void;
  resume(): void;
  /** Nothing in it ever goes on. */
  kill(): void;
  setWallClock(byMs: number): void;
  readonly isRunning: boolean;
  /** A store as this machine reaches it: with delays, and with nothing happening while it is stopped. */
  reach(store: LeaseStore, faultOf?: FaultOf): LeaseStore;
  /** Resolves when it runs: at once, when it resumes, or never. */
  awake(): Promise<void>;
}

/** `lost`: nothing reached the store; `unanswered`: it did, and the answer was lost. */
export type StoreFault = "lost" | "unanswered";
/** What becomes of the next request. */
export type FaultOf = (operation: keyof LeaseStore) => StoreFault | undefined;

export interface MachineOptions {
  readonly owner: string;
  /** How fast its clocks run, about 1. */
  readonly clockRate?: number;
  readonly wallClockMs?: number;
  readonly latencyMs?: number;
}

export const machineOn = (time: CommonTime, options: MachineOptions): Machine => {
  const { owner, clockRate = 1, latencyMs = 5 } = options;
  let wallOffsetMs = options.wallClockMs ?? 0;
  let suspendedMs = 0;
  let stoppedAtMs: number | undefined;
  let isSuspended = false;
  let running = Promise.withResolvers<void>();
  running.resolve();

  const awake = async (): Promise<void> => {
    while (stoppedAtMs !== undefined) await running.promise;
  };
  const monotonic = (): number => {
    const nowMs = isSuspended && stoppedAtMs !== undefined ? stoppedAtMs : time.now();
    return (nowMs - suspendedMs) * clockRate;
  };
  const stop = (): void => {
    stoppedAtMs ??= time.now();
    running = Promise.withResolvers();
  };
  return {
    owner,
    clocks: { monotonic, wall: () => time.now() * clockRate + wallOffsetMs },
    async sleep(milliseconds, signal) {
      try {
        await time.sleep(milliseconds / clockRate, signal);
      } finally {
        await awake();
      }
    },
    awake,
    pause(kind) {
      isSuspended = kind === "suspended";
      stop();
    },
    resume() {
      if (stoppedAtMs === undefined) return;
      if (isSuspended) suspendedMs += time.now() - stoppedAtMs;
      stoppedAtMs = undefined;
      running.resolve();
    },
    kill: stop,
    setWallClock: (byMs) => {
      wallOffsetMs += byMs;
    },
    get isRunning() {
      return stoppedAtMs === undefined;
    },
    reach(store, faultOf = () => undefined) {
      const send = async <Result>(
        operation: keyof LeaseStore,
        request: () => Promise<Result>,
      ): Promise<Result> => {
        const fault = faultOf(operation);
        await awake();
        await time.sleep(latencyMs);
        // A request that has left the machine arrives, whatever becomes of the machine.
        const result = fault === "lost" ? undefined : await request();
        await time.sleep(latencyMs);
        await awake();
        if (fault) throw new Error(`the request was ${fault}`);
        return result as Result;
      };
      return {
        list: (group) => send("list", () => store.list(group)),
        acquire: (wish) => send("acquire", () => store.acquire(wish)),
        renew: (held) => send("renew", () => store.renew(held)),
        release: (held) => send("release", () => store.release(held)),
        remove: (seen) => send("remove", () => store.remove(seen)),
      };
    },
  };
};

/** Who works on what, by name. */
export class Workers {
  readonly #working = new Map<string, Map<string, { leased: LeasedWork; machine: Machine }>>();

  /** Works until it is to stop. */
  on(machine: Machine): (leased: LeasedWork) => Promise<void> {
    return async (leased) => {
      const workers = this.#working.get(leased.name) ?? new Map();
      this.#working.set(leased.name, workers);
      workers.set(machine.owner, { leased, machine });
      await new Promise<void>((resolve) => {
        if (leased.stopping.aborted) resolve();
        leased.stopping.addEventListener("abort", () => resolve(), { once: true });
      });
      await machine.awake();
      workers.delete(machine.owner);
    };
  }

  /** Who believes to hold a name, of the machines that run. */
  holdersOf(name: string): string[] {
    return [...(this.#working.get(name) ?? [])]
      .filter(([, { leased, machine }]) => machine.isRunning && leased.isHeld())
      .map(([owner]) => owner);
  }

  leaseOf(name: string, owner: string): LeasedWork | undefined {
    return this.#working.get(name)?.get(owner)?.leased;
  }
}

export const startShare = (
  machine: Machine,
  store: LeaseStore,
  workers: Workers,
  names: readonly string[],
  options: { readonly isAlone?: boolean; readonly faultOf?: FaultOf } = {},
): LeaseShare =>
  shareLeases({
    store: machine.reach(store, options.faultOf),
    group: "group",
    owner: machine.owner,
    names: () => names,
    work: workers.on(machine),
    isAlone: options.isAlone,
    clocks: machine.clocks,
    sleep: machine.sleep,
    onError: () => {},
  });
