import type { Page, PageRequest } from "../page.ts";
import type { Replay } from "./replay.ts";

export interface ReplayListRequest extends PageRequest {
  /** Only replays all of whose devices begin like this; no others are read. */
  readonly devicePrefix?: string;
}

/** How long a replay is kept that does not play, unless a deployment says otherwise. */
export const REPLAY_KEPT_DAYS = 30;

/** Seconds since 1970 from which on a replay is gone; undefined while it plays. */
export const expiryOf = (
  { status, updatedAtMs }: Pick<Replay, "status" | "updatedAtMs">,
  keptDays = REPLAY_KEPT_DAYS,
): number | undefined =>
  status === "playing" ? undefined : Math.ceil(updatedAtMs / 1000) + keptDays * 24 * 60 * 60;

/** The replays table. An expired replay does not exist, even if the table has not deleted it yet. */
export interface ReplayStore {
  /** Strongly consistent. */
  get(replayId: string): Promise<Replay | undefined>;
  /**
   * Writes `replay` as version `replay.version + 1`, on condition that the stored version is still
   * `replay.version` (0: that there is none), and returns what was written. Throws VersionConflictError
   * otherwise.
   */
  save(replay: Replay): Promise<Replay>;
  /** In no particular order. */
  list(request: ReplayListRequest): Promise<Page<Replay>>;
  /** Repeating it is harmless. */
  remove(replayId: string): Promise<void>;
}
