import { belongsTo } from "../../core/access/device-prefix.ts";
import type { Clock } from "../../core/clock.ts";
import { VersionConflictError } from "../../core/errors.ts";
import { devicesOf, type Replay } from "../../core/replay/replay.ts";
import { expiryOf, type ReplayStore } from "../../core/replay/replay-store.ts";
import { pageOf } from "./paging.ts";

/** A replays table in memory. Nothing expires without a clock. */
export const memoryReplayStore = (keptDays?: number, now: Clock = () => 0): ReplayStore => {
  const replays = new Map<string, Replay>();
  const isThere = (replay: Replay): boolean =>
    now() < (expiryOf(replay, keptDays) ?? Number.POSITIVE_INFINITY) * 1000;
  return {
    async get(replayId) {
      const replay = replays.get(replayId);
      return replay && isThere(replay) ? structuredClone(replay) : undefined;
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
    async list({ devicePrefix, ...request }) {
      const listed = [...replays].filter(
        ([, replay]) =>
          isThere(replay) &&
          devicesOf(replay).every(
            (deviceId) => devicePrefix === undefined || belongsTo(devicePrefix, deviceId),
          ),
      );
      return pageOf(new Map(listed), "replayId", request, (replay) => structuredClone(replay));
    },
    async remove(replayId) {
      replays.delete(replayId);
    },
  };
};
