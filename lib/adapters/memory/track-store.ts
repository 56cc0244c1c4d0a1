import type { StoredSegment, TrackStore } from "../../core/track/track-store.ts";
import { copyBytes } from "../copy-bytes.ts";
import { comesBefore, overlaps, segmentKey } from "../segment-key.ts";

/** A tracks table in memory. */
export const memoryTrackStore = (): TrackStore => {
  const tracks = new Map<string, Map<string, StoredSegment>>();
  return {
    async put(trackId, segments) {
      const track = tracks.get(trackId) ?? new Map<string, StoredSegment>();
      for (const segment of segments) track.set(segmentKey(segment), copy(segment));
      if (track.size > 0) tracks.set(trackId, track);
    },
    async *segments(trackId, range) {
      const found = [...(tracks.get(trackId)?.values() ?? [])].filter((segment) => overlaps(segment, range));
      found.sort((one, other) => (comesBefore(one, other) ? -1 : 1));
      for (const segment of found) yield copy(segment);
    },
    async removeSegments(trackId, segments) {
      for (const segment of segments) tracks.get(trackId)?.delete(segmentKey(segment));
    },
    async removeSome(trackId, limit) {
      const track = tracks.get(trackId);
      for (const key of [...(track?.keys() ?? [])].slice(0, limit)) track?.delete(key);
      if (track?.size === 0) tracks.delete(trackId);
      return !tracks.has(trackId);
    },
    async remove(trackId) {
      tracks.delete(trackId);
    },
  };
};

const copy = (segment: StoredSegment): StoredSegment => ({ ...segment, data: copyBytes(segment.data) });
