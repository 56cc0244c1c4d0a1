import { ConflictError, NotFoundError } from "../errors.ts";
import type { ReplayStore } from "../replay/replay-store.ts";
import { recordingTrack, type TrackStore } from "../track/track-store.ts";
import type { RecordingStore } from "./recording.ts";

export interface DeletePorts {
  readonly recordings: RecordingStore;
  readonly tracks: TrackStore;
  readonly replays: ReplayStore;
}

const REPLAYS_PER_PAGE = 100;

/**
 * Deletes a recording, the segments first: as long as the item is there the deletion can be repeated. Raises NotFoundError, and
 * ConflictError while a replay of it plays or is paused. A replay that begins at the same moment slips through,
 * and then fails with RecordingGoneError.
 */
export const deleteRecording = async (
  { recordings, tracks, replays }: DeletePorts,
  recordingId: string,
): Promise<void> => {
  if (!(await recordings.get(recordingId))) {
    throw new NotFoundError(`recording ${recordingId} does not exist`);
  }
  const user = await replayThatUses(replays, recordingId);
  if (user !== undefined) {
    throw new ConflictError(`recording ${recordingId} is played by replay ${user}: delete that first`);
  }
  await tracks.remove(recordingTrack(recordingId));
  await recordings.remove(recordingId);
};

const replayThatUses = async (replays: ReplayStore, recordingId: string): Promise<string | undefined> => {
  let cursor: string | undefined;
  do {
    const page = await replays.list({ limit: REPLAYS_PER_PAGE, ...(cursor && { cursor }) });
    const user = page.items.find(
      ({ status, sources }) =>
        (status === "playing" || status === "paused") &&
        sources.some((source) => source.recordingId === recordingId),
    );
    if (user) return user.replayId;
    cursor = page.cursor;
  } while (cursor);
  return undefined;
};
