import fc from "fast-check";
import { expect, test } from "vitest";
import { claimPorts } from "../../../test/claims.ts";
import { memoryRecordingStore } from "../../adapters/memory/recording-store.ts";
import { memoryReplayStore } from "../../adapters/memory/replay-store.ts";
import { memoryTrackStore } from "../../adapters/memory/track-store.ts";
import { zstd } from "../../adapters/zstd.ts";
import { NotFoundError } from "../errors.ts";
import { PositionBuffer } from "../position/position-buffer.ts";
import { deleteRecording } from "../replay/delete-recording.ts";
import { recordingTrack } from "../track/track-store.ts";
import { importRecording } from "./import-recording.ts";

const COUNT = 900;
const file = {
  format: "csv",
  contentHash: "ab",
  positions: PositionBuffer.from(
    Array.from({ length: COUNT }, (_, index) => ({
      timestampMs: 1_000_000 + index * 1_000,
      latitude: 1,
      longitude: 2,
    })),
  ),
  rejected: [],
  rejectedRowCount: 0,
  spreadCount: 0,
};
const ALWAYS = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

test("finding 17: a recording that is deleted and imported at the same time is there whole or not at all", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.constantFrom("import", "delete"), { minLength: 2, maxLength: 5 }),
      async (scheduler, deeds) => {
        const [recordings, tracks, replays] = [
          memoryRecordingStore(),
          memoryTrackStore(),
          memoryReplayStore(),
        ];
        const plain = { recordings, tracks, replays, ...claimPorts(), compression: zstd, now: () => 0 };
        const { recording } = await importRecording(plain, file, "x");
        const { recordingId } = recording;
        const slow = <Store extends object>(store: Store): Store =>
          Object.fromEntries(
            Object.entries(store).map(([name, method]) => [name, scheduler.scheduleFunction(method)]),
          ) as Store;
        // Segment by segment, so that a write and a deletion of the same track can meet in the middle.
        const slowTracks = {
          ...tracks,
          put: async (...[trackId, segments]: Parameters<typeof tracks.put>) => {
            for (const segment of segments) await scheduler.schedule(tracks.put(trackId, [segment]));
          },
          remove: async (trackId: Parameters<typeof tracks.remove>[0]) => {
            for (let isGone = false; !isGone; )
              isGone = await scheduler.schedule(tracks.removeSome(trackId, 1));
          },
        };
        const ports = { ...plain, recordings: slow(recordings), tracks: slowTracks };
        const done = Promise.all(
          deeds.map((deed) =>
            deed === "import"
              ? importRecording(ports, file, "x")
              : deleteRecording(ports, recordingId).catch((error) => {
                  if (!(error instanceof NotFoundError)) throw error;
                }),
          ),
        );
        await scheduler.waitFor(done);
        const stored = await recordings.get(recordingId);
        let count = 0;
        for (let epoch = 0; epoch < 8; epoch++) {
          let ofEpoch = 0;
          const segments = tracks.segments(recordingTrack(recordingId, epoch), ALWAYS);
          for await (const { positionCount } of segments) ofEpoch += positionCount;
          if (stored && epoch === (stored.epoch ?? 0)) expect(ofEpoch).toBe(COUNT);
          count += ofEpoch;
        }
        expect(count).toBe(stored ? COUNT : 0);
      },
    ),
    { numRuns: 60 },
  );
});
