import type { Clock, Sleep } from "../../lib/core/clock.ts";
import type { Invoke } from "../functions/invoke-function.ts";
import {
  aloneInProcess,
  oneAtATime,
  type Sharing,
  type Standing,
  standingOf,
} from "../lease/one-at-a-time.ts";
import { Runner } from "./runner.ts";
import type { ScheduleRecord, ScheduleStore } from "./schedule-store.ts";
import { Schedules } from "./schedules.ts";

/*
 * Calls functions when it is time, as EventBridge Scheduler calls them. Schedules are in a store that several
 * processes may share: all of them make, change and delete schedules; one at a time delivers their runs, by a
 * lease. When that one is killed, another takes over within seconds, and what it had not noted as delivered
 * is delivered again.
 *
 * Runs that came while nobody ran, or the machine slept: the newest one of each schedule is made up for, as
 * long as the schedule's retry policy would still deliver it.
 */

export interface SchedulingOptions {
  readonly region: string;
  /** Twelve digits. */
  readonly account: string;
  readonly groups: readonly string[];
  readonly store: ScheduleStore;
  /** With the other processes that use the store; without it there is none. */
  readonly sharing?: Sharing;
  readonly invoke: Invoke;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** How long deliveries in flight may take to end after `close`; none by default. */
  readonly graceMilliseconds?: number;
  readonly onError?: (message: string, error: unknown) => void;
}

export interface Scheduling {
  readonly schedules: Schedules;
  /** Whether this process is the one that delivers schedules. */
  standing(): Standing;
  arnOf(record: ScheduleRecord): string;
  /**
   * Cuts deliveries in flight when their grace is over: they are due again when another process, or this one
   * after a restart, takes over.
   */
  close(): Promise<void>;
}

export const startScheduling = (options: SchedulingOptions): Scheduling => {
  const { store, clock, sleep, invoke, groups, sharing = aloneInProcess(), onError = () => {} } = options;
  const { graceMilliseconds = 0 } = options;
  const { isAlone = false } = sharing;
  let runner: Runner | undefined;
  const schedules = new Schedules({ store, clock, groups, onChange: () => runner?.wake() });
  const arnOf = arnsOf(options);
  const lease = oneAtATime(sharing, "scheduler", { sleep, onError }, (held) => {
    const ports = { invoke, clock, sleep, arnOf, onError };
    runner = new Runner(schedules, held, { ...ports, isAlone, graceMilliseconds });
    return runner.run();
  });
  return { schedules, arnOf, standing: () => standingOf(lease), close: () => lease.close() };
};

/** What serves the API without delivering anything: whoever delivers looks at the store. */
export const schedulesOnly = (options: SchedulingOptions): Pick<Scheduling, "schedules" | "arnOf"> => {
  const { store, clock, groups } = options;
  return { schedules: new Schedules({ store, clock, groups, onChange: () => {} }), arnOf: arnsOf(options) };
};

const arnsOf =
  ({ region, account }: SchedulingOptions) =>
  ({ groupName, name }: ScheduleRecord): string =>
    `arn:aws:scheduler:${region}:${account}:schedule/${groupName}/${name}`;
