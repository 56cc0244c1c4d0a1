import type { Claims } from "../claims/claims.ts";
import type { Clock } from "../clock.ts";
import { ConflictError, NotFoundError } from "../errors.ts";
import type { RecordingStore } from "../recording/recording.ts";
import { recordingTrack, type TrackStore } from "../track/track-store.ts";
import { activeReplays } from "./active-replays.ts";
import type { ReplayStore } from "./replay-store.ts";

export interface DeletePorts {
  readonly recordings: RecordingStore;
  readonly tracks: TrackStore;
  readonly replays: ReplayStore;
  readonly claims: Claims;
  readonly now: Clock;
}

/**
 * Deletes a recording: first the item, in one write, so that nobody reads half of a recording; then the
 * segments. Repeating it completes what broke off. Throws NotFoundError, and ConflictError while a replay of
 * it plays or is paused. A replay that begins at the same moment slips through, and then fails with
 * RecordingGoneError.
 */
export const deleteRecording = async (ports: DeletePorts, recordingId: string): Promise<void> => {
  const { recordings, tracks } = ports;
  if (await recordings.get(recordingId)) {
    const active = await activeReplays(ports);
    const user = active.find(({ sources }) => sources.some((source) => source.recordingId === recordingId));
    if (user !== undefined) {
      throw new ConflictError(
        `recording ${recordingId} is played by replay ${user.replayId}: delete that first`,
      );
    }
  }
  const grave = await recordings.bury(recordingId);
  if (!grave || grave.isSwept) throw new NotFoundError(`recording ${recordingId} does not exist`);
  await tracks.remove(recordingTrack(recordingId, grave.epoch));
  await recordings.swept(recordingId, grave);
};
