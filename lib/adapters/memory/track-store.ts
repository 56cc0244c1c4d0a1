import { VersionConflictError } from "../../core/errors.ts";
import type { SealedSegment, StoredSegment, TrackStore } from "../../core/track/track-store.ts";
import { copyBytes } from "../copy-bytes.ts";
import { LATE_PART_BYTES } from "../dynamodb/item-budget.ts";
import {
  comesBefore,
  overlaps,
  partsOfKey,
  reachingInto,
  segmentKey,
  segmentKeyRanges,
} from "../segment-key.ts";

/** A tracks table in memory; it finds segments by the ranges of keys that a table would read. */
export const memoryTrackStore = (): TrackStore => {
  const tracks = new Map<string, Map<string, StoredSegment>>();
  const trackOf = (trackId: string): Map<string, StoredSegment> => {
    const track = tracks.get(trackId) ?? new Map<string, StoredSegment>();
    tracks.set(trackId, track);
    return track;
  };
  return {
    latePartBytes: LATE_PART_BYTES,
    async put(trackId, segments) {
      for (const segment of segments) {
        const key = segmentKey(segment);
        trackOf(trackId).set(key, copy({ ...segment, digest: partsOfKey(key).rest }));
      }
    },
    async putLate(trackId, part) {
      const key = segmentKey(part);
      const stored = tracks.get(trackId)?.get(key);
      if ((stored?.kind === "late" ? stored.revision : 0) !== part.revision) {
        throw new VersionConflictError(`save ${key} of ${trackId}: another writer was faster`);
      }
      trackOf(trackId).set(key, copy({ ...part, revision: part.revision + 1 }));
    },
    async *segments(trackId, range) {
      if (!(range.fromMs <= range.toMs)) return;
      const items = [...(tracks.get(trackId) ?? [])].sort(([one], [other]) => (one < other ? -1 : 1));
      const within = ({ from, to }: { readonly from: string; readonly to: string }): StoredSegment[] =>
        items.filter(([key]) => from <= key && key <= to).map(([, segment]) => segment);
      const { sealedBefore, sealed, late } = segmentKeyRanges(range);
      const before = sealedBefore ? within(sealedBefore).reverse().filter(isSealed) : [];
      const found = [...(await reachingInto(before)), ...within(sealed), ...within(late)]
        .filter((segment) => overlaps(segment, range))
        .sort((one, other) => (comesBefore(one, other) ? -1 : 1));
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

const isSealed = (segment: StoredSegment): segment is SealedSegment => segment.kind === "sealed";

const copy = (segment: StoredSegment): StoredSegment =>
  segment.kind === "sealed"
    ? { ...segment, data: copyBytes(segment.data) }
    : { ...segment, data: copyBytes(segment.data), bringers: copyBytes(segment.bringers) };
