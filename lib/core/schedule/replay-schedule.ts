import type { Page, PageRequest } from "../page.ts";
import { requestedDevices } from "../replay/create-replay.ts";
import { type ReplayBody, toReplayRequest } from "../replay/replay-body.ts";
import type { TimedBy } from "./timing.ts";

/** A replay that starts by itself: once, again and again, or by the calendar. */
export interface ReplaySchedule extends TimedBy {
  /** What it is found by; see checkScheduleName. */
  readonly name: string;
  readonly replay: ReplayBody;
  /** Milliseconds since 1970. */
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** What callers decide of a schedule; the scheduler adds when. */
export type NewReplaySchedule = Omit<ReplaySchedule, "createdAtMs" | "updatedAtMs">;

/** The schedules as they can be read. */
export interface ReplayScheduleReader {
  get(name: string): Promise<ReplaySchedule | undefined>;
  /** How many there are; counting ends at `upTo`. */
  count(upTo: number): Promise<number>;
  list(request: PageRequest): Promise<Page<ReplaySchedule>>;
}

/**
 * Keeps schedules and, when it is time, delivers a ScheduledReplay to startScheduledReplay: at least once,
 * within a minute, and for at most MAXIMUM_DELAY_SECONDS if that fails.
 */
export interface ReplayScheduler extends ReplayScheduleReader {
  /**
   * Creates it, or replaces the one of that name. Throws InvalidInputError for what the scheduler refuses.
   */
  put(schedule: NewReplaySchedule): Promise<void>;
}

export interface ReplayScheduleRemover {
  /** Throws NotFoundError when there is none of that name. */
  remove(name: string): Promise<void>;
}

/** What is delivered when it is time. */
export interface ScheduledReplay {
  /** The schedule's name. */
  readonly schedule: string;
  /** The time for which it was scheduled, ISO 8601 in UTC; the same at every delivery. */
  readonly scheduledTime: string;
  readonly replay: ReplayBody;
}

/** A replay that could not be started for this long is given up: it would come too late. */
export const MAXIMUM_DELAY_SECONDS = 3_600;

/** The devices that a schedule's replays play, each once. */
export const scheduledDevices = ({ replay }: Pick<ReplaySchedule, "replay">): string[] =>
  requestedDevices(toReplayRequest(replay).sources);
