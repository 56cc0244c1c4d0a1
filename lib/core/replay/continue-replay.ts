import type { RunPorts } from "./control-replay.ts";
import { startRun } from "./execution.ts";
import { updateReplay } from "./update-replay.ts";

/**
 * Chunks after which an execution hands its replay to a fresh one. A workflow's history holds 25,000 events.
 * A chunk takes 7 (the task: entered, scheduled, started, succeeded, exited; the choice: entered, exited) and
 * 3 for each failed attempt (failed, scheduled, started), of which workflows/replay.asl.json allows 100 while
 * functions are throttled and 8 others: 331 at worst. 75 chunks are 24,825 events at worst, and five hours of
 * playing.
 */
export const HANDOVER_CHUNKS = 75;

/** `continued`: another execution plays on. `stopped`: there was nothing to play. */
export type ContinueOutcome = { readonly status: "continued" | "stopped" };

/**
 * Hands a playing replay from the execution of `run` to a new one of the next run. Repeating it is harmless:
 * the run is increased once, and an execution of one name starts once. The clock keeps running, so nobody
 * notices.
 */
export const continueReplay = async (
  { replays, workflows, now }: RunPorts,
  { replayId, run }: { readonly replayId: string; readonly run: number },
): Promise<ContinueOutcome> => {
  const replay = await updateReplay(replays, replayId, (read) =>
    read.run === run && read.status === "playing" ? { ...read, run: run + 1, updatedAtMs: now() } : read,
  );
  // A later run than the next is somebody else's, who has started it.
  if (replay?.status !== "playing" || replay.run !== run + 1) return { status: "stopped" };
  await startRun(workflows, replay);
  return { status: "continued" };
};
