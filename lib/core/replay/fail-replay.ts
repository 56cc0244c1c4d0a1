import type { Clock } from "../clock.ts";
import type { ReplayStore } from "./replay-store.ts";
import { updateReplay } from "./update-replay.ts";

export interface FailPorts {
  readonly replays: ReplayStore;
  readonly now: Clock;
}

export interface FailRequest {
  readonly replayId: string;
  readonly run: number;
  readonly reason: string;
}

const MAXIMUM_REASON_LENGTH = 500;

/**
 * Marks a playing replay as failed, with the reason. Its plan stays, so that playing it again loses nothing.
 * Changes nothing when it was deleted, paused, or taken over by a later run.
 */
export const failReplay = async (
  { replays, now }: FailPorts,
  { replayId, run, reason }: FailRequest,
): Promise<void> => {
  await updateReplay(replays, replayId, (replay) =>
    replay.run <= run && replay.status === "playing"
      ? {
          ...replay,
          status: "failed",
          reason: reason.slice(0, MAXIMUM_REASON_LENGTH),
          starting: false,
          updatedAtMs: now(),
        }
      : replay,
  );
};
