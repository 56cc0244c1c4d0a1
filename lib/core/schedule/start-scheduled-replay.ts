import { type FieldProblem, InvalidInputError } from "../errors.ts";
import { controlReplay, startOrFail } from "../replay/control-replay.ts";
import { type CreatePorts, createReplay } from "../replay/create-replay.ts";
import type { Replay } from "../replay/replay.ts";
import { toReplayRequest } from "../replay/replay-body.ts";
import { checkScheduleName } from "./put-schedule.ts";
import type { ScheduledReplay } from "./replay-schedule.ts";

export type StartPorts = Omit<CreatePorts, "newId">;

/** `nightly` at 2026-12-01T03:00:00Z is the replay `nightly-20261201T030000Z`, known before it begins. */
export const scheduledReplayId = (schedule: string, scheduledMs: number): string =>
  `${schedule}-${new Date(scheduledMs).toISOString().replace(/\.\d+/, "").replace(/[-:]/g, "")}`;

/**
 * Starts the replay of one run of a schedule. Its id is made of the schedule's name and the scheduled time,
 * so that a run that is delivered again finds its replay, and only starts it if the earlier delivery did not
 * get that far. InvalidInputError, NotFoundError for a recording that was deleted, what the workflow service
 * throws.
 */
export const startScheduledReplay = async (
  ports: StartPorts,
  { schedule, scheduledTime, replay }: ScheduledReplay,
): Promise<Replay> => {
  checkScheduleName(schedule);
  const replayId = scheduledReplayId(schedule, readTime(scheduledTime));
  const known = await ports.replays.get(replayId);
  if (known) return resume(ports, known);
  return createReplay({ ...ports, newId: () => replayId }, toReplayRequest(replay));
};

const resume = async (ports: StartPorts, replay: Replay): Promise<Replay> => {
  if (replay.status === "playing" && replay.starting) await startOrFail(ports, replay);
  const neverPlayed = replay.positionsPublished === 0 && replay.plan === undefined;
  if (replay.status !== "failed" || !neverPlayed) return replay;
  return controlReplay(ports, replay.replayId, { paused: false });
};

const readTime = (text: string): number => {
  const timeMs = Date.parse(text);
  if (/^\d{4}-\d\d-\d\dT/.test(text) && text.endsWith("Z") && !Number.isNaN(timeMs)) return timeMs;
  const problem: FieldProblem = { field: "scheduledTime", value: text, rule: "must be ISO 8601 in UTC" };
  throw new InvalidInputError(`scheduledTime must be ISO 8601 in UTC, but is ${text}`, {
    problems: [problem],
  });
};
