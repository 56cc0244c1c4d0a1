import { randomUUID } from "node:crypto";
import type { Clock, Sleep } from "../../lib/core/clock.ts";
import { backoffMilliseconds } from "../event-source/backoff.ts";
import { HostUnreachableError } from "../functions/call-errors.ts";
import type { Invoke } from "../functions/invoke-function.ts";
import { maximumAgeMs, newestDue } from "./due.ts";
import type { ScheduleRecord } from "./schedule-store.ts";
import type { Schedules } from "./schedules.ts";

export interface RunnerOptions {
  readonly invoke: Invoke;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly arnOf: (record: ScheduleRecord) => string;
  /** Told of every attempt that failed, and of runs that were given up. */
  readonly onError: (message: string, error: unknown) => void;
}

/** The scheduler calls a function asynchronously, and Lambda tries such a call three times. */
const FUNCTION_ATTEMPTS = 3;
/** However long nothing is due, the clock is looked at: it may have been set, and a laptop sleeps. */
const LONGEST_NAP_MS = 30_000;
const FIRST_BACKOFF_FAILURES = 4;

/** Delivers each run when it is due: at least once, and a run that was not delivered before a crash again after it. */
export class Runner {
  readonly #schedules: Schedules;
  readonly #options: RunnerOptions;
  readonly #closing = new AbortController();
  readonly #inFlight = new Map<string, Promise<void>>();
  #nap = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(schedules: Schedules, options: RunnerOptions) {
    this.#schedules = schedules;
    this.#options = options;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Something changed: look again what is due. */
  wake(): void {
    this.#nap.abort();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#nap.abort();
    await Promise.all([this.#loop, ...this.#inFlight.values()]);
  }

  async #run(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      // Before looking, so that what changes from here on ends the nap.
      this.#nap = new AbortController();
      const waitMs = this.#deliverDue();
      const signal = AbortSignal.any([this.#nap.signal, this.#closing.signal]);
      await this.#options.sleep(waitMs, signal).catch(() => {});
    }
  }

  /** Begins to deliver what is due; returns how long nothing more will be. */
  #deliverDue(): number {
    const nowMs = this.#options.clock();
    let waitMs = LONGEST_NAP_MS;
    for (const record of this.#schedules.list()) {
      const { dueMs, groupName, name } = record;
      const key = `${groupName}/${name}`;
      if (dueMs === undefined || this.#inFlight.has(key)) continue;
      if (dueMs > nowMs) {
        waitMs = Math.min(waitMs, dueMs - nowMs);
        continue;
      }
      const delivery = this.#deliver(record, newestDue(record, dueMs, nowMs)).finally(() => {
        this.#inFlight.delete(key);
        this.wake();
      });
      this.#inFlight.set(key, delivery);
    }
    return waitMs;
  }

  async #deliver(record: ScheduleRecord, scheduledMs: number): Promise<void> {
    try {
      const settled = await this.#tryAll(record, scheduledMs);
      if (settled) await this.#schedules.advance(record, scheduledMs);
    } catch (error) {
      this.#options.onError(`schedule ${record.name} can't be kept`, error);
      await this.#options.sleep(LONGEST_NAP_MS, this.#closing.signal).catch(() => {});
    }
  }

  /** False when the scheduler closes, or the schedule changes, before the run was delivered or given up. */
  async #tryAll(record: ScheduleRecord, scheduledMs: number): Promise<boolean> {
    const { clock, sleep, invoke, onError } = this.#options;
    const { signal } = this.#closing;
    const { name, settings } = record;
    const run = `schedule ${name}, run of ${new Date(scheduledMs).toISOString()}`;
    const untilMs = scheduledMs + maximumAgeMs(settings);
    const functionName = settings.Target.Arn.split(":").at(6) ?? "";
    let functionFailures = 0;
    for (let attempt = 1; clock() <= untilMs; attempt++) {
      try {
        await invoke(functionName, this.#eventOf(record, scheduledMs, attempt), signal);
        return true;
      } catch (error) {
        if (signal.aborted) return false;
        onError(`${run}, attempt ${attempt}`, error);
        if (!(error instanceof HostUnreachableError)) functionFailures++;
      }
      if (functionFailures >= FUNCTION_ATTEMPTS) break;
      await sleep(backoffMilliseconds(attempt + FIRST_BACKOFF_FAILURES), signal).catch(() => {});
      if (signal.aborted || !this.#schedules.isCurrent(record)) return false;
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
