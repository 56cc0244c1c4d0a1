import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyRuns } from "../../../test/property-runs.ts";
import { memoryTrackStore } from "../../adapters/memory/track-store.ts";
import { zstd } from "../../adapters/zstd.ts";
import { SegmentError, UnavailableError } from "../errors.ts";
import type { Position } from "../position/position.ts";
import { PositionBuffer } from "../position/position-buffer.ts";
import { compressSegment, encodeSegment } from "../segment/segment.ts";
import type { DamagedSegment } from "./damaged-segment.ts";
import { readTrack, type TrackRequest } from "./read-track.ts";
import {
  deviceTrack,
  type LatePart,
  lateSpanOf,
  type SealedSegment,
  type StoredSegment,
  type TrackStore,
} from "./track-store.ts";

const TRACK = deviceTrack("car-1");
const T0 = Date.UTC(2026, 10, 20, 12);
const EVERYTHING = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 10_000 };

/** At minute `at`; the satellites tell which of several positions of one time it is. */
const position = (at: number, satellites = 0): Position => ({
  timestampMs: T0 + at * 60_000,
  latitude: 45,
  longitude: 7,
  satellites,
});

const sealed = (positions: readonly Position[]): SealedSegment => ({
  kind: "sealed",
  firstTimestampMs: positions[0].timestampMs,
  lastTimestampMs: positions[positions.length - 1].timestampMs,
  positionCount: positions.length,
  data: compressSegment(encodeSegment(PositionBuffer.from(positions)), zstd),
});

/** Parts of this number, one for each span that the positions lie in. */
const late = (positions: readonly Position[], part: number): LatePart[] =>
  [...Map.groupBy(positions, ({ timestampMs }) => lateSpanOf(timestampMs)).values()].map((ofSpan) => ({
    ...sealed(ofSpan),
    kind: "late",
    part,
    revision: 0,
    bringers: new Uint8Array(),
  }));

const trackOf = async (...segments: readonly StoredSegment[]): Promise<TrackStore> => {
  const tracks = memoryTrackStore();
  for (const segment of segments) {
    if (segment.kind === "late") await tracks.putLate(TRACK, segment);
    else await tracks.put(TRACK, [segment]);
  }
  return tracks;
};

const read = async (tracks: TrackStore, request: Partial<TrackRequest> = {}) => {
  const { positions, nextMs } = await readTrack({ tracks, compression: zstd }, TRACK, {
    ...EVERYTHING,
    ...request,
  });
  return { positions: [...positions], nextMs };
};

const minutes = (from: number, to: number, satellites = 0): Position[] =>
  Array.from({ length: to - from }, (_, index) => position(from + index, satellites));

describe("a track", () => {
  test("is its sealed segments, its late ones and its tail, each time once, in time order", async () => {
    const tracks = await trackOf(
      sealed(minutes(0, 10)),
      sealed(minutes(15, 20)),
      ...late([position(3.5), position(12), position(16)], 7),
    );
    const tail = PositionBuffer.from([position(19), position(20), position(21)]);
    const { positions, nextMs } = await read(tracks, { tail });
    const expected = [...minutes(0, 4), position(3.5), ...minutes(4, 10), position(12), ...minutes(15, 22)];
    expect(positions).toEqual(expected);
    expect(nextMs).toBeUndefined();
  });

  test("has of one time the sealed position, else the late one of the lowest part, else the tail's", async () => {
    const tracks = await trackOf(
      ...late([position(1, 12), position(2, 12), position(4, 12)], 12),
      ...late([position(1, 9), position(2, 9), position(3, 9)], 9),
      sealed([position(0, 1), position(2, 1)]),
    );
    const tail = PositionBuffer.from([position(2, 3), position(4, 3), position(5, 3)]);
    const { positions } = await read(tracks, { tail });
    expect(positions).toEqual([
      position(0, 1),
      position(1, 9),
      position(2, 1),
      position(3, 9),
      position(4, 12),
      position(5, 3),
    ]);
  });

  test("is cut at the ends of the range, both inclusive", async () => {
    const tracks = await trackOf(sealed(minutes(0, 10)), sealed(minutes(10, 20)));
    const tail = PositionBuffer.from(minutes(20, 30));
    const range = { fromMs: T0 + 8 * 60_000, toMs: T0 + 22 * 60_000, tail };
    expect((await read(tracks, range)).positions).toEqual(minutes(8, 23));
    expect((await read(tracks, { ...range, fromMs: range.fromMs + 0.5 })).positions).toEqual(minutes(9, 23));
    expect((await read(tracks, { fromMs: 5, toMs: 4 })).positions).toEqual([]);
  });

  test("says where the next page begins, and nowhere when there is none", async () => {
    const tracks = await trackOf(sealed(minutes(0, 10)), sealed(minutes(10, 20)));
    expect(await read(tracks, { limit: 10 })).toEqual({
      positions: minutes(0, 10),
      nextMs: T0 + 10 * 60_000,
    });
    expect(await read(tracks, { limit: 7 })).toMatchObject({ nextMs: T0 + 7 * 60_000 });
    expect((await read(tracks, { limit: 20 })).nextMs).toBeUndefined();
    const tail = PositionBuffer.from([position(30)]);
    expect((await read(tracks, { limit: 20, tail })).nextMs).toBe(T0 + 30 * 60_000);
    expect((await read(tracks, { limit: 10, toMs: T0 + 9 * 60_000 })).nextMs).toBeUndefined();
  });

  test("is fetched only as far as the page needs", async () => {
    let fetched = 0;
    const store = await trackOf(...[0, 10, 20, 30, 40].map((at) => sealed(minutes(at, at + 10))));
    const tracks: TrackStore = {
      ...store,
      async *segments(trackId, range) {
        for await (const each of store.segments(trackId, range)) {
          fetched++;
          yield each;
        }
      },
    };
    await read(tracks, { limit: 12 });
    expect(fetched).toBe(3);
  });
});

describe("finding 12: a damaged segment", () => {
  const flipped = (each: StoredSegment, bit = 77): StoredSegment => {
    const data = each.data.slice();
    data[bit >> 3] ^= 1 << (bit & 7);
    return { ...each, data };
  };
  const damagedRead = async (tracks: TrackStore, request: Partial<TrackRequest> = {}) => {
    const told: DamagedSegment[] = [];
    const ports = { tracks, compression: zstd, onDamage: (damaged: DamagedSegment) => told.push(damaged) };
    return { told, ...(await readTrack(ports, TRACK, { ...EVERYTHING, ...request })) };
  };
  const minute = (at: number): number => T0 + at * 60_000;

  test("is left out and told of; its neighbours are served", async () => {
    const broken = flipped(sealed(minutes(10, 20)));
    const tracks = await trackOf(
      sealed(minutes(0, 10)),
      broken,
      sealed(minutes(20, 30)),
      ...late([position(15.5)], 7),
    );
    const tail = PositionBuffer.from(minutes(30, 32));
    const { positions, damaged, told } = await damagedRead(tracks, { tail });
    expect([...positions]).toEqual([...minutes(0, 10), position(15.5), ...minutes(20, 32)]);
    expect(damaged).toEqual([{ fromMs: minute(10), toMs: minute(19), positionCount: 10 }]);
    expect(told).toEqual([
      { trackId: TRACK, segment: expect.objectContaining(broken), error: expect.any(SegmentError) },
    ]);
  });

  test("nothing is damaged where nothing is", async () => {
    const { damaged, told } = await damagedRead(await trackOf(sealed(minutes(0, 10))));
    expect([damaged, told]).toEqual([[], []]);
  });

  test("is told of by the pages that it would have been on, each its own part", async () => {
    const tracks = await trackOf(
      sealed(minutes(0, 10)),
      flipped(sealed(minutes(10, 20))),
      ...late([position(14.5), position(16.5)], 7),
      sealed(minutes(20, 30)),
    );
    const told = [];
    let fromMs: number | undefined = minute(0);
    while (fromMs !== undefined) {
      const page = await damagedRead(tracks, { fromMs, limit: 11 });
      told.push(page.damaged);
      fromMs = page.nextMs;
    }
    expect(told).toEqual([
      [{ fromMs: minute(10), toMs: minute(16.5) - 1, positionCount: 10 }],
      [{ fromMs: minute(16.5), toMs: minute(19), positionCount: 10 }],
    ]);
  });

  test("overlapping gaps are one, and no gap goes beyond what was asked for", async () => {
    const tracks = await trackOf(
      flipped(sealed(minutes(0, 10))),
      ...late(minutes(5, 15), 7).map(flipped),
      flipped(sealed(minutes(20, 30))),
    );
    const { damaged } = await damagedRead(tracks, { fromMs: minute(2), toMs: minute(21) });
    expect(damaged).toEqual([
      { fromMs: minute(2), toMs: minute(14), positionCount: 20 },
      { fromMs: minute(20), toMs: minute(21), positionCount: 10 },
    ]);
  });

  test("is also one that holds other positions than it was stored with", async () => {
    const other = { ...sealed(minutes(0, 10)), data: sealed(minutes(20, 30)).data };
    const shorter = { ...sealed(minutes(40, 50)), data: sealed(minutes(40, 49)).data };
    const { positions, damaged } = await damagedRead(await trackOf(other, shorter));
    expect(positions.count).toBe(0);
    expect(damaged).toHaveLength(2);
  });

  test("a store that fails is not damage", async () => {
    const tracks: TrackStore = {
      ...(await trackOf()),
      // biome-ignore lint/correctness/useYield: it fails before it has anything to give
      async *segments() {
        throw new UnavailableError("down");
      },
    };
    await expect(damagedRead(tracks)).rejects.toBeInstanceOf(UnavailableError);
  });
});

test("pages of any size, whatever overlaps at their cuts, make the whole track", async () => {
  const at = fc.nat({ max: 300 });
  const lateSteps = fc.record({
    begin: at,
    steps: fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 8 }),
  });
  const property = fc.asyncProperty(
    fc.uniqueArray(at, { maxLength: 60 }),
    fc.array(lateSteps, { maxLength: 8 }),
    fc.uniqueArray(at, { maxLength: 20 }),
    fc.integer({ min: 1, max: 30 }),
    fc.tuple(at, at),
    async (sealedTimes, lates, tailTimes, limit, range) => {
      const sorted = (times: readonly number[]) => [...new Set(times)].sort((one, other) => one - other);
      const times = sorted(sealedTimes);
      const segments: StoredSegment[] = [];
      for (let from = 0; from < times.length; from += 7) {
        segments.push(sealed(times.slice(from, from + 7).map((time) => position(time, 1))));
      }
      const expected = new Map<number, Position>();
      const add = (positions: readonly Position[]) => {
        for (const each of positions)
          if (!expected.has(each.timestampMs)) expected.set(each.timestampMs, each);
      };
      add(times.map((time) => position(time, 1)));
      for (const [index, { begin, steps }] of lates.entries()) {
        const positions = sorted(steps.map((step) => begin + step)).map((time) =>
          position(time, 100 + index),
        );
        segments.push(...late(positions, 95 + index));
        add(positions);
      }
      const tail = PositionBuffer.from(sorted(tailTimes).map((time) => position(time, 3)));
      add([...tail]);
      const tracks = await trackOf(...segments);
      const [first, last] = range.toSorted((one, other) => one - other).map((time) => T0 + time * 60_000);
      const pages: Position[] = [];
      let fromMs: number | undefined = first;
      while (fromMs !== undefined) {
        const page: Awaited<ReturnType<typeof read>> = await read(tracks, {
          fromMs,
          toMs: last,
          limit,
          tail,
        });
        expect(page.positions.length).toBeLessThanOrEqual(limit);
        if (page.nextMs !== undefined) expect(page.positions.length).toBe(limit);
        pages.push(...page.positions);
        fromMs = page.nextMs;
      }
      const inRange = [...expected.values()].filter(
        ({ timestampMs }) => timestampMs >= first && timestampMs <= last,
      );
      expect(pages).toEqual(inRange.sort((one, other) => one.timestampMs - other.timestampMs));
    },
  );
  await fc.assert(property, { numRuns: propertyRuns(500) });
});
