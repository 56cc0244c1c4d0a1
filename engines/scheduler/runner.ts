import { randomUUID } from "node:crypto";
import type { Clock, Sleep } from "../../lib/core/clock.ts";
import { backoffMilliseconds } from "../backoff.ts";
import { HostUnreachableError, PerhapsRanError } from "../functions/call-errors.ts";
import type { Invoke } from "../functions/invoke-function.ts";
import { cutOff } from "../lease/cut-off.ts";
import type { LeasedWork } from "../lease/share-leases.ts";
import { maximumAgeMs, newestDue } from "./due.ts";
import type { ScheduleRecord } from "./schedule-store.ts";
import type { Schedules } from "./schedules.ts";

export interface RunnerOptions {
  readonly invoke: Invoke;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly arnOf: (record: ScheduleRecord) => string;
  /** No other process uses the store. */
  readonly isAlone: boolean;
  /** How long deliveries in flight may take to end when the lease is to be handed over. */
  readonly graceMilliseconds: number;
  /** Told of every attempt that failed, and of runs that were given up. */
  readonly onError: (message: string, error: unknown) => void;
}

/** The scheduler calls a function asynchronously, and Lambda tries such a call three times. */
const FUNCTION_ATTEMPTS = 3;
/** However long nothing is due, the clock is looked at: it may have been set, and a laptop sleeps. */
const LONGEST_NAP_MS = 30_000;
/** How soon the process that runs schedules sees what others changed. */
const LOOK_MS = 1_000;
const FIRST_BACKOFF_FAILURES = 4;

/**
 * Delivers each run when it is due, for as long as it holds the lease: at least once, and a run that was not
 * delivered before a crash again after it, by whichever process takes the lease over.
 */
export class Runner {
  readonly #schedules: Schedules;
  readonly #lease: LeasedWork;
  readonly #options: RunnerOptions;
  /** Ends the deliveries in flight. */
  readonly #cut: AbortSignal;
  readonly #inFlight = new Map<string, Promise<void>>();
  /** Revisions of schedules that can't be understood; each was reported once. */
  readonly #broken = new Set<string>();
  #nap = new AbortController();

  constructor(schedules: Schedules, lease: LeasedWork, options: RunnerOptions) {
    this.#schedules = schedules;
    this.#lease = lease;
    this.#options = options;
    this.#cut = cutOff(lease, options.graceMilliseconds, options.sleep);
  }

  /** Something changed: look again what is due. */
  wake(): void {
    this.#nap.abort();
  }

  /** Works until the lease is to be given up; deliveries in flight are cut then, and are due again. */
  async run(): Promise<void> {
    const { isAlone, onError, sleep } = this.#options;
    const { stopping } = this.#lease;
    const longestMs = isAlone ? LONGEST_NAP_MS : LOOK_MS;
    while (!stopping.aborted) {
      // Before looking, so that what changes from here on ends the nap.
      this.#nap = new AbortController();
      const waitMs = await this.#deliverDue().catch((error: unknown) => {
        onError("looking for schedules failed", error);
        return LOOK_MS;
      });
      const signal = AbortSignal.any([this.#nap.signal, stopping]);
      await sleep(Math.min(waitMs, longestMs), signal).catch(() => {});
    }
    await Promise.all(this.#inFlight.values());
  }

  /** Begins to deliver what is due; returns how long nothing more will be. */
  async #deliverDue(): Promise<number> {
    const records = await this.#schedules.list();
    const nowMs = this.#options.clock();
    let waitMs = LONGEST_NAP_MS;
    for (const record of records) {
      const { dueMs, groupName, name } = record;
      const key = `${groupName}/${name}`;
      if (dueMs === undefined || this.#inFlight.has(key)) continue;
      if (dueMs > nowMs) {
        waitMs = Math.min(waitMs, dueMs - nowMs);
        continue;
      }
      const runMs = this.#newestDue(record, dueMs, nowMs);
      if (runMs === undefined) continue;
      const delivery = this.#deliver(record, runMs).finally(() => {
        this.#inFlight.delete(key);
        this.wake();
      });
      this.#inFlight.set(key, delivery);
    }
    this.#forgetBroken(records);
    return waitMs;
  }

  /** Undefined for a schedule that can't be understood here; those behind it are delivered all the same. */
  #newestDue(record: ScheduleRecord, dueMs: number, nowMs: number): number | undefined {
    if (this.#broken.has(record.revision)) return undefined;
    try {
      return newestDue(record, dueMs, nowMs);
    } catch (error) {
      this.#broken.add(record.revision);
      this.#options.onError(`schedule ${record.groupName}/${record.name} can't be run`, error);
      return undefined;
    }
  }

  #forgetBroken(records: readonly ScheduleRecord[]): void {
    if (this.#broken.size === 0) return;
    const kept = new Set(records.map(({ revision }) => revision));
    for (const revision of this.#broken) if (!kept.has(revision)) this.#broken.delete(revision);
  }

  async #deliver(record: ScheduleRecord, scheduledMs: number): Promise<void> {
    try {
      const settled = await this.#tryAll(record, scheduledMs);
      if (settled) await this.#schedules.advance(record, scheduledMs);
    } catch (error) {
      this.#options.onError(`schedule ${record.name} can't be kept`, error);
      await this.#options.sleep(LONGEST_NAP_MS, this.#lease.stopping).catch(() => {});
    }
  }

  /** False when the lease is given up, or the schedule changes, before the run was delivered or given up. */
  async #tryAll(record: ScheduleRecord, scheduledMs: number): Promise<boolean> {
    const { clock, sleep, invoke, onError } = this.#options;
    const signal = this.#lease.stopping;
    const { name, settings } = record;
    const run = `schedule ${name}, run of ${new Date(scheduledMs).toISOString()}`;
    const untilMs = scheduledMs + maximumAgeMs(settings);
    const functionName = functionIn(settings.Target.Arn);
    let functionFailures = 0;
    for (let attempt = 1; clock() <= untilMs; attempt++) {
      if (signal.aborted || !this.#lease.isHeld()) return false;
      let pauseMs = backoffMilliseconds(attempt + FIRST_BACKOFF_FAILURES);
      try {
        await invoke(functionName, this.#eventOf(record, scheduledMs, attempt), this.#cut);
        return true;
      } catch (error) {
        if (this.#cut.aborted) return false;
        onError(`${run}, attempt ${attempt}`, error);
        if (!(error instanceof HostUnreachableError)) functionFailures++;
        // A copy that may still run must not get a second one beside it.
        if (error instanceof PerhapsRanError) pauseMs = Math.max(pauseMs, error.mayRunForMilliseconds);
      }
      if (functionFailures >= FUNCTION_ATTEMPTS) break;
      await sleep(pauseMs, signal).catch(() => {});
      if (signal.aborted || !(await this.#schedules.isCurrent(record))) return false;
    }
    onError(run, new Error("given up"));
    return true;
  }

  /** The input with the words of the scheduler's own filled in. */
  #eventOf(record: ScheduleRecord, scheduledMs: number, attempt: number): unknown {
    const words: Readonly<Record<string, string>> = {
      "schedule-arn": this.#options.arnOf(record),
      "scheduled-time": new Date(scheduledMs).toISOString().replace(/\.\d+Z$/, "Z"),
      "execution-id": randomUUID(),
      "attempt-number": String(attempt),
    };
    const text = (record.settings.Target.Input ?? "{}").replace(
      /<aws\.scheduler\.([a-z-]+)>/g,
      (whole, word: string) => words[word] ?? whole,
    );
    return JSON.parse(text);
  }
}

/** The function's name in its ARN, which readSettings has checked. */
const functionIn = (arn: string): string => {
  const name = arn.split(":").at(6);
  if (name === undefined) throw new TypeError(`${arn} is not the ARN of a function`);
  return name;
};
