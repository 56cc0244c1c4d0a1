import type { Claims } from "../claims/claims.ts";
import type { Clock } from "../clock.ts";
import { NotFoundError } from "../errors.ts";
import type { WorkflowStarter } from "../workflow/workflow-starter.ts";
import { admitReplay, type ReplayLimits } from "./active-replays.ts";
import { changeReplay, type ReplayChange } from "./change-replay.ts";
import { startRun } from "./execution.ts";
import { failReplay } from "./fail-replay.ts";
import type { Replay } from "./replay.ts";
import type { ReplayStore } from "./replay-store.ts";
import { updateReplay } from "./update-replay.ts";

export interface ControlPorts extends RunPorts {
  readonly claims: Claims;
  readonly limits: ReplayLimits;
}

/** What it takes to start the run of a replay that has a place. */
export interface RunPorts {
  readonly replays: ReplayStore;
  readonly workflows: WorkflowStarter;
  readonly now: Clock;
}

/**
 * Changes a replay while it plays, stands or has ended; see changeReplay. A run that can't be started leaves
 * the replay failed, and throws what the workflow service said: `paused: false` tries again. NotFoundError,
 * InvalidInputError, ConflictError, LimitError.
 */
export const controlReplay = async (
  ports: ControlPorts,
  replayId: string,
  change: ReplayChange,
): Promise<Replay> => {
  const read = await ports.replays.get(replayId);
  // One that had ended has no place any more.
  if (read?.status === "finished" || read?.status === "failed") {
    await admitReplay(ports, changeReplay(read, change, ports.now()), ports.limits);
  }
  let before: Replay | undefined;
  const replay = await updateReplay(ports.replays, replayId, (read) => {
    before = read;
    return changeReplay(read, change, ports.now());
  });
  if (!replay) throw new NotFoundError(`replay ${replayId} does not exist`);
  const asked = change.paused === false || replay.run !== before?.run;
  if (replay.status === "playing" && asked) await startOrFail(ports, replay);
  return replay;
};

/** Starts a replay's run. When that fails the replay is marked failed, and the failure passed on. */
export const startOrFail = async (ports: RunPorts, replay: Replay): Promise<void> => {
  try {
    await startRun(ports.workflows, replay);
  } catch (error) {
    // A run whose player is up needs no start: asking again was a precaution.
    if (replay.starting) {
      await failReplay(ports, { ...replay, reason: `the workflow did not start: ${String(error)}` });
    }
    throw error;
  }
};
