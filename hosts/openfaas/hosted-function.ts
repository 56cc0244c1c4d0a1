import { randomUUID } from "node:crypto";
import type { Context } from "aws-lambda";
import type { Route } from "../../lib/runtime/definition.ts";
import { ACCOUNT, REGION } from "../lambda-events/stand-ins.ts";

export type Handler = (event: unknown, context: Context) => unknown;

/** A function as a host runs it: what of its definition the host needs, and its code. */
export interface HostedFunction {
  readonly name: string;
  readonly memoryMegabytes: number;
  readonly timeoutSeconds: number;
  readonly routes?: readonly Pick<Route, "method" | "path">[];
  /** Loads its module, whose export `handler` it is. */
  load(): Promise<object>;
}

/** A function whose module is loaded. */
export interface LoadedFunction extends Omit<HostedFunction, "load"> {
  readonly handler: Handler;
}

/** Loads every function; rejects with an Error that names the one that can't be. */
export const loadFunctions = (functions: readonly HostedFunction[]): Promise<LoadedFunction[]> =>
  Promise.all(
    functions.map(async ({ load, ...rest }) => {
      let loaded: { readonly handler?: unknown };
      try {
        loaded = await load();
      } catch (cause) {
        throw new Error(`function ${rest.name} can't be loaded: ${cause}`, { cause });
      }
      const { handler } = loaded;
      if (typeof handler !== "function") throw new Error(`function ${rest.name} exports no handler`);
      return { ...rest, handler: handler as Handler };
    }),
  );

/** How a call ended. */
export type Outcome =
  | { readonly kind: "answered"; readonly result: unknown }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "timed-out" };

/** Timers and time, for tests to replace. */
export interface Time {
  /** Milliseconds that never go back. */
  monotonicMs(): number;
  /** Calls it later, unless what is returned is called before. */
  after(milliseconds: number, call: () => void): () => void;
}

export const MACHINE_TIME: Time = {
  monotonicMs: () => performance.now(),
  after: (milliseconds, call) => {
    const timer = setTimeout(call, milliseconds);
    return () => clearTimeout(timer);
  },
};

export interface Calls {
  /** Calls whose function has not ended, those included that were given up at their time limit. */
  readonly inFlight: number;
  /** Calls a function; resolves at its time limit at the latest, and never rejects. */
  call(hosted: LoadedFunction, event: unknown): Promise<Outcome>;
  /** Resolves as soon as nobody waits for a call: each has ended, or was given up. */
  idle(): Promise<void>;
}

export interface CallsOptions {
  readonly time?: Time;
  /**
   * A function runs on long after its time limit. Lambda would have ended it by then; a process can't end a
   * function without ending itself.
   */
  onOverstay(functionName: string): void;
}

/** How long a function may run on after its time limit. */
const OVERSTAY_MILLISECONDS = 30_000;

export const trackedCalls = ({ time = MACHINE_TIME, onOverstay }: CallsOptions): Calls => {
  let inFlight = 0;
  let awaited = 0;
  let waiting: (() => void)[] = [];

  const awaitedNoMore = (): void => {
    awaited--;
    if (awaited > 0) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  };

  const call = (hosted: LoadedFunction, event: unknown): Promise<Outcome> => {
    const limitMs = hosted.timeoutSeconds * 1_000;
    const context = contextOf(hosted, time.monotonicMs() + limitMs, time);
    inFlight++;
    awaited++;
    return new Promise((resolve) => {
      let isGivenUp = false;
      let cancel = time.after(limitMs, () => {
        isGivenUp = true;
        resolve({ kind: "timed-out" });
        awaitedNoMore();
        cancel = time.after(OVERSTAY_MILLISECONDS, () => onOverstay(hosted.name));
      });
      const end = (outcome: Outcome): void => {
        cancel();
        inFlight--;
        resolve(outcome);
        if (!isGivenUp) awaitedNoMore();
      };
      // A handler that throws before it returns a promise fails like any other.
      const running = new Promise((settle) => settle(hosted.handler(event, context)));
      running.then(
        (result) => end({ kind: "answered", result }),
        (error) => end({ kind: "failed", error }),
      );
    });
  };

  return {
    get inFlight() {
      return inFlight;
    },
    call,
    idle: () =>
      new Promise((resolve) => {
        if (awaited === 0) resolve();
        else waiting.push(resolve);
      }),
  };
};

const contextOf = (
  { name, memoryMegabytes }: LoadedFunction,
  endsAtMs: number,
  { monotonicMs }: Time,
): Context => ({
  callbackWaitsForEmptyEventLoop: true,
  functionName: name,
  functionVersion: "$LATEST",
  invokedFunctionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`,
  memoryLimitInMB: String(memoryMegabytes),
  awsRequestId: randomUUID(),
  logGroupName: `/aws/lambda/${name}`,
  logStreamName: "self-hosted",
  getRemainingTimeInMillis: () => Math.max(0, Math.floor(endsAtMs - monotonicMs())),
  done: unused,
  fail: unused,
  succeed: unused,
});

/** Node's oldest way to answer, which the type still has. */
const unused = (): void => {
  throw new Error("functions answer by a promise");
};
