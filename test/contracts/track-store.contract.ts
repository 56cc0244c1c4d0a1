import { describe, expect, it } from "vitest";
import {
  deviceTrack,
  LATE_SEGMENT_SPAN_MS,
  recordingTrack,
  type StoredSegment,
  type TimeRange,
  type TrackId,
  type TrackStore,
} from "../../lib/core/track/track-store.ts";

const TRACK = deviceTrack("van-7");
const ALL: TimeRange = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
const START_MS = 1_795_176_000_000;

const sealed = (firstTimestampMs: number, lastTimestampMs: number, size = 8): StoredSegment => ({
  kind: "sealed",
  firstTimestampMs,
  lastTimestampMs,
  positionCount: 90,
  data: new Uint8Array(size).fill(firstTimestampMs % 251),
});

const late = (
  firstTimestampMs: number,
  lastTimestampMs: number,
  sequenceNumber = "49590338271490256608559692538361571095921575989136588898",
): StoredSegment => ({ ...sealed(firstTimestampMs, lastTimestampMs), kind: "late", sequenceNumber });

const read = async (
  store: TrackStore,
  range: TimeRange = ALL,
  trackId: TrackId = TRACK,
): Promise<StoredSegment[]> => {
  const segments: StoredSegment[] = [];
  for await (const segment of store.segments(trackId, range)) segments.push(segment);
  // Whatever class of bytes a store returns, their content counts.
  return segments.map((segment) => ({ ...segment, data: new Uint8Array(segment.data) }));
};

/** What every TrackStore does. `make` returns an empty one. */
export const trackStoreContract = (name: string, make: () => Promise<TrackStore>): void => {
  describe(`${name} keeps the contract of TrackStore`, () => {
    it("has nothing of an unknown track, and takes an empty list", async () => {
      const store = await make();
      await store.put(TRACK, []);
      expect(await read(store)).toEqual([]);
      await store.remove(TRACK);
    });

    it("gives segments back whole, ascending by first timestamp, late ones among the sealed", async () => {
      const store = await make();
      const segments = [
        sealed(START_MS, START_MS + 89_000),
        late(START_MS + 10_000, START_MS + 20_000),
        late(
          START_MS + 10_000,
          START_MS + 10_000,
          "49590338271490256608559692538361571095921575989136588900",
        ),
        sealed(START_MS + 90_000, START_MS + 179_000),
        late(START_MS + 90_000, START_MS + 90_000),
        sealed(START_MS + 180_000, START_MS + 269_000),
      ];
      await store.put(TRACK, [...segments].reverse());
      expect(await read(store)).toEqual(segments);
    });

    it("orders times of different lengths as numbers", async () => {
      const store = await make();
      const segments = [
        sealed(0, 5),
        sealed(9, 50),
        sealed(100, 900),
        sealed(1_000, 2_000),
        sealed(START_MS, START_MS),
      ];
      for (const segment of [...segments].reverse()) await store.put(TRACK, [segment]);
      expect(await read(store)).toEqual(segments);
    });

    it("keeps one of a segment that is written again, in one call or in several", async () => {
      const store = await make();
      const segment = sealed(START_MS, START_MS + 1_000);
      const lateOne = late(START_MS, START_MS + 1_000);
      await store.put(TRACK, [segment, lateOne, segment, lateOne]);
      await store.put(TRACK, [segment]);
      await store.put(TRACK, [lateOne, segment]);
      expect(await read(store)).toEqual([segment, lateOne]);
    });

    it("never lets a late segment overwrite a sealed one, or the late one of another record", async () => {
      const store = await make();
      const segments = [
        sealed(START_MS, START_MS + 1_000),
        late(START_MS, START_MS, "1"),
        late(START_MS, START_MS, "10"),
      ];
      for (const segment of segments) await store.put(TRACK, [segment]);
      expect(await read(store)).toEqual(segments);
    });

    it("finds the segments that may hold a position of the range, both ends included", async () => {
      const store = await make();
      const one = sealed(1_000, 1_900);
      const two = sealed(2_000, 2_900);
      const three = sealed(3_000, 3_900);
      await store.put(TRACK, [one, two, three]);
      expect(await read(store, { fromMs: 2_000, toMs: 2_900 })).toEqual([two]);
      expect(await read(store, { fromMs: 2_500, toMs: 2_500 })).toEqual([two]);
      expect(await read(store, { fromMs: 1_900, toMs: 2_000 })).toEqual([one, two]);
      expect(await read(store, { fromMs: 1_901, toMs: 1_999 })).toEqual([]);
      expect(await read(store, { fromMs: 2_900, toMs: 9_999 })).toEqual([two, three]);
      expect(await read(store, { fromMs: 0, toMs: 999 })).toEqual([]);
      expect(await read(store, { fromMs: 3_901, toMs: 9_999 })).toEqual([]);
      expect(await read(store, { fromMs: 2_000.5, toMs: 2_999.5 })).toEqual([two]);
      expect(await read(store, { fromMs: 2_999, toMs: 2_000 })).toEqual([]);
      expect(
        await read(store, { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY }),
      ).toHaveLength(3);
    });

    it("finds a late segment that begins long before the range and reaches into it", async () => {
      const store = await make();
      const begin = START_MS - LATE_SEGMENT_SPAN_MS;
      const reaching = late(begin, START_MS, "2");
      const inside = late(START_MS + 500, START_MS + 600, "3");
      const over = late(begin, START_MS - 1, "4");
      await store.put(TRACK, [reaching, inside, over, sealed(begin - 10, begin - 5)]);
      expect(await read(store, { fromMs: START_MS, toMs: START_MS + 1_000 })).toEqual([reaching, inside]);
    });

    it("keeps tracks apart, a recording from the device of the same name too", async () => {
      const store = await make();
      const tracks = [deviceTrack("a"), deviceTrack("a#b"), deviceTrack("ab"), recordingTrack("a")];
      for (const [index, trackId] of tracks.entries()) await store.put(trackId, [sealed(index, index)]);
      for (const [index, trackId] of tracks.entries()) {
        expect(await read(store, ALL, trackId)).toEqual([sealed(index, index)]);
      }
    });

    it("stores and reads many segments, large ones too, and stops when the reader does", async () => {
      const store = await make();
      const small = Array.from({ length: 700 }, (_, index) =>
        sealed(index * 1_000, index * 1_000 + 900, 900),
      );
      const large = Array.from({ length: 12 }, (_, index) =>
        sealed(1_000_000 + index * 1_000, 1_000_000 + index * 1_000, 300_000),
      );
      await store.put(TRACK, [...small, ...large]);
      const found = await read(store);
      expect(found.map(({ firstTimestampMs }) => firstTimestampMs)).toEqual(
        [...small, ...large].map(({ firstTimestampMs }) => firstTimestampMs),
      );
      expect(found.at(-1)).toEqual(large.at(-1));

      let taken = 0;
      for await (const segment of store.segments(TRACK, ALL)) {
        expect(segment.firstTimestampMs).toBe(taken * 1_000);
        if (++taken === 5) break;
      }
      expect(taken).toBe(5);
    });

    it("finding 7: removes the segments that it is given and no others, as often as asked", async () => {
      const store = await make();
      const gone = Array.from({ length: 30 }, (_, index) => sealed(index * 10, index * 10));
      const stay = [sealed(5, 6), late(10, 12)];
      await store.put(TRACK, [...gone, ...stay]);
      await store.removeSegments(TRACK, [...gone, gone[0], late(20, 20)]);
      await store.removeSegments(TRACK, gone);
      await store.removeSegments(TRACK, []);
      expect(await read(store)).toEqual(stay);
    });

    it("removes every segment of a track and of no other, as often as asked", async () => {
      const store = await make();
      const other = deviceTrack("van-8");
      await store.put(
        TRACK,
        Array.from({ length: 260 }, (_, index) => sealed(index, index)),
      );
      await store.put(TRACK, [late(5, 6)]);
      await store.put(other, [sealed(1, 2)]);
      await store.remove(TRACK);
      expect(await read(store)).toEqual([]);
      await store.remove(TRACK);
      expect(await read(store, ALL, other)).toEqual([sealed(1, 2)]);
    });

    it("shares nothing with its callers", async () => {
      const store = await make();
      const segment = sealed(1, 2);
      await store.put(TRACK, [segment]);
      segment.data.fill(255);
      const [first] = await read(store);
      expect(first).toEqual(sealed(1, 2));
      for await (const found of store.segments(TRACK, ALL)) found.data.fill(255);
      expect(await read(store)).toEqual([sealed(1, 2)]);
    });
  });
};
