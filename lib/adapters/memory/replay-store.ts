import { VersionConflictError } from "../../core/errors.ts";
import type { Replay } from "../../core/replay/replay.ts";
import type { ReplayStore } from "../../core/replay/replay-store.ts";
import { pageOf } from "./paging.ts";

/** A replays table in memory. */
export const memoryReplayStore = (): ReplayStore => {
  const replays = new Map<string, Replay>();
  return {
    async get(replayId) {
      return structuredClone(replays.get(replayId));
    },
    async save(replay) {
      const stored = replays.get(replay.replayId)?.version ?? 0;
      if (stored !== replay.version) {
        throw new VersionConflictError(
          `save replay ${replay.replayId} over version ${replay.version}: another writer was faster`,
        );
      }
      const saved = { ...structuredClone(replay), version: replay.version + 1 };
      replays.set(replay.replayId, saved);
      return structuredClone(saved);
    },
    async list(request) {
      return pageOf(replays, "replayId", request, (replay) => structuredClone(replay));
    },
    async remove(replayId) {
      replays.delete(replayId);
    },
  };
};
