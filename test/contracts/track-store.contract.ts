import { describe, expect, it } from "vitest";
import { VersionConflictError } from "../../lib/core/errors.ts";
import type { OfTenant } from "../../lib/core/tenant/of-tenant.ts";
import { DEFAULT_TENANT } from "../../lib/core/tenant/tenant-id.ts";
import {
  deviceTrack,
  LATE_SPAN_MS,
  type LatePart,
  lateSpanOf,
  recordingTrack,
  type SealedSegment,
  type StoredSegment,
  type TimeRange,
  type TrackId,
  type TrackStore,
} from "../../lib/core/track/track-store.ts";
import { keepsTenantsApart, ONE, OTHER } from "./tenants.ts";

const TRACK = deviceTrack("van-7");
const ALL: TimeRange = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
const START_MS = 1_795_176_000_000;

const sealed = (firstTimestampMs: number, lastTimestampMs: number, size = 8): SealedSegment => ({
  kind: "sealed",
  firstTimestampMs,
  lastTimestampMs,
  positionCount: 90,
  data: new Uint8Array(size).fill(firstTimestampMs % 251),
});

/** As a store returns it. */
const late = (firstTimestampMs: number, lastTimestampMs: number, part = 0, revision = 1): LatePart => ({
  ...sealed(firstTimestampMs, lastTimestampMs),
  kind: "late",
  part,
  revision,
  bringers: new Uint8Array([1, 2, 3]),
  newestBringer: {
    stream: "abc",
    sequenceNumber: "49590338271490256608559692538361571095921575989136588898",
  },
});

const putAll = async (store: TrackStore, segments: readonly StoredSegment[]): Promise<void> => {
  for (const segment of segments) {
    if (segment.kind === "sealed") await store.put(TRACK, [segment]);
    else await store.putLate(TRACK, { ...segment, revision: segment.revision - 1 });
  }
};

const read = async (
  store: TrackStore,
  range: TimeRange = ALL,
  trackId: TrackId = TRACK,
): Promise<StoredSegment[]> => {
  const segments: StoredSegment[] = [];
  for await (const segment of store.segments(trackId, range)) segments.push(segment);
  // Only the content of the bytes counts, whatever class a store returns.
  return segments.map((segment) => {
    const data = new Uint8Array(segment.data);
    if (segment.kind === "late") return { ...segment, data, bringers: new Uint8Array(segment.bringers) };
    const { digest: _, ...rest } = segment;
    return { ...rest, data };
  });
};

/** What every TrackStore does. `make` returns an empty one. */
export const trackStoreContract = (name: string, makeAll: () => Promise<OfTenant<TrackStore>>): void => {
  const make = async () => (await makeAll())(DEFAULT_TENANT);
  describe(`${name} keeps the contract of TrackStore`, () => {
    keepsTenantsApart(makeAll, {
      write: async (store, mark) => {
        await putAll(store, [sealed(START_MS, START_MS + mark), late(0, mark)]);
      },
      change: (store, mark) => store.put(TRACK, [sealed(START_MS + 5_000, START_MS + 5_000 + mark)]),
      remove: (store) => store.remove(TRACK),
      read: (store) => read(store, ALL),
    });

    it("removes only its own tenant's segments, one by one or several", async () => {
      const of = await makeAll();
      const [one, other] = [of(ONE), of(OTHER)];
      const segment = sealed(START_MS, START_MS + 1);
      for (const store of [one, other]) await store.put(TRACK, [segment]);
      const before = await read(one, ALL);
      await other.removeSegments(TRACK, [segment]);
      await other.removeSome(TRACK, 10);
      expect(await read(other, ALL)).toEqual([]);
      expect(await read(one, ALL)).toEqual(before);
    });

    it("has nothing for an unknown track, and accepts an empty list", async () => {
      const store = await make();
      await store.put(TRACK, []);
      expect(await read(store)).toEqual([]);
      await store.remove(TRACK);
    });

    it("returns whole segments in order, late parts where their span begins", async () => {
      const store = await make();
      const begin = lateSpanOf(START_MS) + LATE_SPAN_MS;
      const segments = [
        sealed(begin - 90_000, begin - 1_000),
        sealed(begin, begin + 89_000),
        late(begin + 10_000, begin + 20_000, 0),
        late(begin + 5_000, begin + 15_000, 1),
        { ...sealed(begin + 90_000, begin + 179_000), sealedAfterMs: begin + 89_000 },
        { ...sealed(begin + 180_000, begin + 269_000), sealedBy: { stream: "abc", sequenceNumber: "7" } },
        late(begin + LATE_SPAN_MS, begin + LATE_SPAN_MS),
      ];
      await putAll(store, [...segments].reverse());
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

    it("keeps one copy of a segment that is written again, in one call or several", async () => {
      const store = await make();
      const segment = sealed(START_MS, START_MS + 1_000);
      await store.put(TRACK, [segment, segment]);
      await store.put(TRACK, [segment]);
      expect(await read(store)).toEqual([segment]);
    });

    it("finding 11: keeps different segments with the same time beside each other", async () => {
      const store = await make();
      const one = { ...sealed(START_MS, START_MS + 1_000), data: Uint8Array.of(1) };
      const other = { ...sealed(START_MS, START_MS + 9_000), data: Uint8Array.of(2) };
      await store.put(TRACK, [one]);
      await store.put(TRACK, [other, one]);
      expect(new Set(await read(store))).toEqual(new Set([one, other]));
    });

    it("finding 11: finds a segment that others overlap, however they were sealed", async () => {
      const store = await make();
      const before = { ...sealed(1_000, 1_900), sealedAfterMs: -1 };
      const long = { ...sealed(2_000, 9_000), sealedAfterMs: 1_900 };
      const over = [2_000, 3_000, 4_000].map((at) => ({ ...sealed(at, at + 500, 9), sealedAfterMs: 1_900 }));
      await store.put(TRACK, [before, long, ...over]);
      expect(await read(store, { fromMs: 8_000, toMs: 8_500 })).toEqual([long]);
      expect(await read(store, { fromMs: 4_100, toMs: 4_200 })).toEqual([long, over[2]]);
      expect(await read(store, { fromMs: 1_500, toMs: 1_600 })).toEqual([before]);
    });

    it("finding 8: writes a late part only over the revision that was read", async () => {
      const store = await make();
      const at = lateSpanOf(START_MS);
      await store.putLate(TRACK, late(at, at, 0, 0));
      await expect(store.putLate(TRACK, late(at, at, 0, 0))).rejects.toBeInstanceOf(VersionConflictError);
      await store.putLate(TRACK, late(at, at + 5, 0, 1));
      await expect(store.putLate(TRACK, late(at, at + 6, 0, 1))).rejects.toBeInstanceOf(VersionConflictError);
      await expect(store.putLate(TRACK, late(at, at + 6, 1, 3))).rejects.toBeInstanceOf(VersionConflictError);
      await store.putLate(TRACK, late(at + 1, at + 7, 1, 0));
      expect(await read(store)).toEqual([late(at, at + 5, 0, 2), late(at + 1, at + 7, 1, 1)]);
    });

    it("finds the segments that can hold a position in the range, both ends included", async () => {
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

    it("finds late parts in a span that begins before the range", async () => {
      const store = await make();
      const begin = lateSpanOf(START_MS);
      const reaching = late(begin, begin + 500_000, 0);
      const inside = late(begin + 300_000, begin + 300_500, 1);
      await putAll(store, [reaching, inside, late(begin - 1, begin - 1), sealed(begin - 10, begin - 5)]);
      const range = { fromMs: begin + 300_100, toMs: begin + 300_200 };
      expect(await read(store, range)).toEqual([reaching, inside]);
      expect(await read(store, { fromMs: begin + 400_000, toMs: begin + 400_000 })).toEqual([reaching]);
    });

    it("keeps tracks apart, also a recording and a device with the same name", async () => {
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

    it("finding 7: removes exactly the given segments, any number of times", async () => {
      const store = await make();
      const gone = Array.from({ length: 30 }, (_, index) => sealed(index * 10, index * 10));
      const stay = [late(10, 12), sealed(5, 6)];
      await store.put(TRACK, gone);
      await putAll(store, stay);
      await store.removeSegments(TRACK, [...gone, gone[0], late(LATE_SPAN_MS, LATE_SPAN_MS)]);
      await store.removeSegments(TRACK, gone);
      await store.removeSegments(TRACK, []);
      expect(await read(store)).toEqual(stay);
    });

    it("removes every segment of exactly one track, any number of times", async () => {
      const store = await make();
      const other = deviceTrack("van-8");
      await store.put(
        TRACK,
        Array.from({ length: 260 }, (_, index) => sealed(index, index)),
      );
      await store.putLate(TRACK, late(5, 6, 0, 0));
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
