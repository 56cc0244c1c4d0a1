import type { WorkflowStarter } from "../workflow/workflow-starter.ts";
import type { PlayRequest } from "./play.ts";
import type { Replay } from "./replay.ts";

/**
 * Starts the execution that plays a replay's present run. Named after both, so that asking again starts
 * nothing new.
 */
export const startRun = (workflows: WorkflowStarter, { replayId, run }: Replay): Promise<void> => {
  const request: PlayRequest = { replayId, run, chunk: 0 };
  return workflows.start("replay", `${replayId}-${run}`, request);
};
