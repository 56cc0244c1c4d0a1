import { ConflictError, VersionConflictError } from "../errors.ts";
import type { Replay } from "./replay.ts";
import type { ReplayStore } from "./replay-store.ts";

/** A player writes about once a second, so many lost attempts in a row mean many writers. */
const ATTEMPTS = 10;

/**
 * Reads a replay, decides and saves; starts over whenever another writer comes in between, so that two
 * changes at once are both made, one after the other. `decide` returns the replay that it was given to change
 * nothing. Returns what is stored then, undefined when there is no such replay; throws ConflictError when
 * others are faster all the time.
 */
export const updateReplay = async (
  replays: ReplayStore,
  replayId: string,
  decide: (replay: Replay) => Replay,
): Promise<Replay | undefined> => {
  for (let attempt = 1; ; attempt++) {
    const replay = await replays.get(replayId);
    if (!replay) return undefined;
    const decided = decide(replay);
    if (decided === replay) return replay;
    try {
      return await replays.save(decided);
    } catch (error) {
      if (!(error instanceof VersionConflictError)) throw error;
      if (attempt === ATTEMPTS) {
        throw new ConflictError(`replay ${replayId} is being changed by many at once: try again`, {
          cause: error,
        });
      }
    }
  }
};
