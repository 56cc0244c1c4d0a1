import type { LeaseClocks } from "../engines/lease/clocks.ts";
import type { Sleep } from "../lib/core/clock.ts";
import type { VirtualTime } from "./virtual-time.ts";

/**
 * A process in virtual time that can be paused and killed. What it has sent arrives all the same, perhaps
 * late.
 */
export interface SimulatedProcess {
  readonly name: string;
  readonly clocks: LeaseClocks;
  readonly sleep: Sleep;
  readonly isRunning: boolean;
  pause(): void;
  resume(): void;
  /** Nothing in it ever goes on. */
  kill(): void;
  /** What is asked over the network: it takes time to arrive, and so does the answer. */
  send<Result>(request: () => Promise<Result>): Promise<Result>;
  /** A port as this process reaches it. */
  reach<Port extends object>(port: Port): Port;
}

/** `latencyMs` is asked for each way of each request. */
export const simulatedProcess = (
  time: VirtualTime,
  name: string,
  latencyMs: () => number,
): SimulatedProcess => {
  let running = Promise.withResolvers<void>();
  let isRunning = true;
  let isKilled = false;

  const awake = async (): Promise<void> => {
    while (!isRunning) await running.promise;
  };
  const stop = (): void => {
    if (!isRunning) return;
    isRunning = false;
    running = Promise.withResolvers();
  };
  const send = async <Result>(request: () => Promise<Result>): Promise<Result> => {
    await awake();
    await time.sleep(latencyMs());
    try {
      return await request();
    } finally {
      await time.sleep(latencyMs());
      await awake();
    }
  };
  return {
    name,
    clocks: { monotonic: time.now, wall: time.now },
    async sleep(milliseconds, signal) {
      try {
        await time.sleep(milliseconds, signal);
      } finally {
        await awake();
      }
    },
    get isRunning() {
      return isRunning;
    },
    pause: stop,
    resume() {
      if (isKilled) return;
      isRunning = true;
      running.resolve();
    },
    kill() {
      isKilled = true;
      stop();
    },
    send,
    reach: (port) =>
      new Proxy(port, {
        get: (target, property) => {
          const method: unknown = Reflect.get(target, property);
          return typeof method === "function" ? (...args: unknown[]) => send(() => method(...args)) : method;
        },
      }),
  };
};
