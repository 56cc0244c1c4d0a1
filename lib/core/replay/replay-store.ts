import type { Page, PageRequest } from "../page.ts";
import type { Replay } from "./replay.ts";

/** The replays table. */
export interface ReplayStore {
  /** Strongly consistent. */
  get(replayId: string): Promise<Replay | undefined>;
  /**
   * Writes `replay` as version `replay.version + 1`, on condition that the stored version is still `replay.version` (0:
   * that there is none), and returns what was written. Raises VersionConflictError otherwise.
   */
  save(replay: Replay): Promise<Replay>;
  list(request: PageRequest): Promise<Page<Replay>>;
  /** Repeating it is harmless. */
  remove(replayId: string): Promise<void>;
}
