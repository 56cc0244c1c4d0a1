import { performance } from "node:perf_hooks";
import type { Attack, Outcome } from "./attack.ts";
import { type OwnStack, sendTo, targetAt } from "./target.ts";

/** Where the attacks go. */
export interface Attacked {
  readonly apiUrl: string;
  readonly key?: string;
  readonly own?: OwnStack;
}

export interface RunOptions {
  readonly onOutcome?: (outcome: Outcome) => void;
  /**
   * A replacement for a stack that no longer answers. Without it the next attacks meet the remains of the old
   * one.
   */
  readonly renew?: () => Promise<Attacked>;
}

const DEFAULT_TIME_LIMIT_SECONDS = 10;
const DEFAULT_LONGEST_WAIT_SECONDS = 3;
const WATCH_EVERY_MS = 100;
/** After an attack the stack must answer as before within this time. */
const RECOVERY_SECONDS = 10;

/** Runs the attacks one after another. After each of them the stack must still answer. */
export const runAttacks = async (
  attacks: readonly Attack[],
  first: Attacked,
  { onOutcome = () => {}, renew }: RunOptions = {},
): Promise<Outcome[]> => {
  const outcomes: Outcome[] = [];
  let attacked = first;
  for (const attack of attacks) {
    const outcome = await runAttack(attack, attacked);
    onOutcome(outcome);
    outcomes.push(outcome);
    if (outcome.verdict === "SUCCEEDED" && renew && (await unhealthy(attacked.apiUrl)))
      attacked = await renew();
  }
  return outcomes;
};

const runAttack = async (attack: Attack, attacked: Attacked): Promise<Outcome> => {
  if (attack.needsOwnStack && !attacked.own) {
    return {
      attack,
      verdict: "not run",
      note: "needs a stack of its own",
      seconds: 0,
      longestWaitSeconds: 0,
    };
  }
  const watch = watchAnswers(attacked.apiUrl);
  const startedMs = performance.now();
  const { failure, note } = await attempt(attack, attacked);
  const seconds = (performance.now() - startedMs) / 1000;
  const longestWaitSeconds = await watch.end();
  const wrong = failure ?? tooLong(attack, longestWaitSeconds) ?? (await unhealthy(attacked.apiUrl));
  const verdict = wrong === undefined ? "withstood" : "SUCCEEDED";
  return { attack, verdict, note: wrong ?? note ?? "", seconds, longestWaitSeconds };
};

const attempt = async (
  attack: Attack,
  { apiUrl, key, own }: Attacked,
): Promise<{ readonly failure?: string; readonly note?: string }> => {
  const limit = attack.timeLimitSeconds ?? DEFAULT_TIME_LIMIT_SECONDS;
  const stop = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new Error(`not over after ${limit} s`);
    late.reject(error);
    stop.abort(error);
  }, limit * 1000);
  const running = attack.run(targetAt({ apiUrl, key, own, signal: stop.signal }));
  running.catch(() => {});
  try {
    return { note: await Promise.race([running, late.promise]) };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
};

const tooLong = (
  { longestWaitSeconds: allowed = DEFAULT_LONGEST_WAIT_SECONDS }: Attack,
  waited: number,
): string | undefined =>
  waited > allowed ? `others waited ${waited.toFixed(1)} s for an answer` : undefined;

/** Makes cheap requests all the time, like another client, and records the longest wait. */
const watchAnswers = (apiUrl: string) => {
  const stop = new AbortController();
  let longest = 0;
  let askedMs: number | undefined;
  const noteWait = (): void => {
    if (askedMs !== undefined) longest = Math.max(longest, (performance.now() - askedMs) / 1000);
  };
  const watching = (async () => {
    while (!stop.signal.aborted) {
      askedMs = performance.now();
      // The health check afterwards finds failures.
      await sendTo(apiUrl, { path: "/healthz" }, { signal: stop.signal }).catch(() => {});
      noteWait();
      askedMs = undefined;
      await new Promise((resolve) => setTimeout(resolve, WATCH_EVERY_MS));
    }
  })();
  return {
    async end(): Promise<number> {
      noteWait();
      stop.abort();
      await watching;
      return longest;
    },
  };
};

const unhealthy = async (apiUrl: string): Promise<string | undefined> => {
  try {
    const signal = AbortSignal.timeout(RECOVERY_SECONDS * 1000);
    const { status } = await sendTo(apiUrl, { path: "/healthz" }, { signal });
    return status === 200 ? undefined : `afterwards /healthz was answered ${status}`;
  } catch (error) {
    return `afterwards the stack did not answer: ${error instanceof Error ? error.message : error}`;
  }
};
