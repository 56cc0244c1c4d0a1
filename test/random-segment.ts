import { ABSENT, LATITUDE, LONGITUDE, POSITION_FIELDS } from "../lib/core/position/position.ts";
import { PositionBuffer } from "../lib/core/position/position-buffer.ts";

/**
 * Numbers from 0 to 1, always the same for a seed: mulberry32, because a property needs about 10^8 of them.
 */
export type Random = () => number;

export const seededRandom = (seed: number): Random => {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

const MAXIMUM_INT32 = 0x7fff_ffff;
const MAXIMUM_TIMESTAMP_MS = 8.64e15;
const DEGREE = 1e7;

type Series = (random: Random, index: number, before: number) => number;

const pick = <T>(random: Random, choices: readonly T[]): T => choices[Math.floor(random() * choices.length)];
const integer = (random: Random, minimum: number, maximum: number): number =>
  minimum + Math.floor(random() * (maximum - minimum + 1));
const clamp = (value: number): number => Math.min(MAXIMUM_INT32, Math.max(ABSENT + 1, value));

// What columns look like, from what receivers send to what only a test would.
const COLUMN_SERIES: readonly Series[] = [
  (random) => integer(random, -3, 3),
  (random, index, before) => (index === 0 ? integer(random, -1e9, 1e9) : before),
  (random, index, before) => (index === 0 ? integer(random, -1e6, 1e6) : before + integer(random, -40, 40)),
  (random, index, before) => (index === 0 ? 1e8 : before + 3000 + integer(random, -9, 9)),
  (random, _, before) => before + (random() < 0.1 ? integer(random, -20, 20) : 0),
  (random, _, before) => before + 100 * (random() < 0.2 ? integer(random, -3, 3) : 0),
  (random, _, before) => before + 10 * integer(random, -3000, 3000),
  (random) => integer(random, ABSENT + 1, MAXIMUM_INT32),
  (random) => pick(random, [ABSENT + 1, MAXIMUM_INT32, 0, -1, 1]),
  (_, index) => (index % 2 === 0 ? MAXIMUM_INT32 : ABSENT + 1),
  (random, _, before) => before + (random() < 0.02 ? integer(random, -MAXIMUM_INT32, MAXIMUM_INT32) : 0),
];

const LATITUDE_SERIES: readonly Series[] = [
  (random, index, before) => (index === 0 ? 478_000_000 : before + integer(random, -500, 500)),
  (random) => pick(random, [90 * DEGREE, -90 * DEGREE, 90 * DEGREE - 1]),
];

const LONGITUDE_SERIES: readonly Series[] = [
  (random, index, before) => (index === 0 ? 162_000_000 : before + integer(random, -500, 500)),
  (random) =>
    random() < 0.5 ? 180 * DEGREE - integer(random, 0, 900) : -180 * DEGREE + integer(random, 0, 900),
];

const TIMESTAMP_SERIES: readonly Series[] = [
  (_, index, before) => (index === 0 ? 1_577_218_887_999 : before + 1000),
  (random, index, before) => (index === 0 ? 1_577_218_887_999 : before + 1000 + integer(random, -20, 20)),
  (random, index, before) => (index === 0 ? 1_577_218_887_999 : before + (random() < 0.9 ? 1000 : 61_000)),
  (random, index, before) => (index === 0 ? integer(random, 0, 1e12) : before),
  (random, index, before) => (index === 0 ? 1_577_218_887_999 : before + pick(random, [-1000, 0, 0, 1000])),
  (random, index, before) => (index === 0 ? 0 : before + integer(random, 0, 2 ** 31)),
  (random) => integer(random, 0, MAXIMUM_TIMESTAMP_MS),
  (random) => pick(random, [0, 1, MAXIMUM_TIMESTAMP_MS - 1, MAXIMUM_TIMESTAMP_MS, 2 ** 31, 2 ** 32]),
];

// Which positions have a value: all, none, single ones, runs.
const PRESENCES: readonly ((random: Random, before: boolean) => boolean)[] = [
  () => true,
  () => true,
  () => false,
  (random) => random() < 0.5,
  (random) => random() < 0.03,
  (random, before) => (random() < 0.05 ? !before : before),
];

/** Positions that a receiver would send, and ones that it would not: any integers, in any order. */
export const randomPositions = (random: Random, count: number): PositionBuffer => {
  const buffer = new PositionBuffer(Math.max(1, count));
  buffer.count = count;
  const times = pick(random, TIMESTAMP_SERIES);
  let before = 0;
  for (let index = 0; index < count; index++) {
    before = Math.min(MAXIMUM_TIMESTAMP_MS, Math.max(0, times(random, index, before)));
    buffer.timestampsMs[index] = before;
  }
  for (let field = 0; field < POSITION_FIELDS.length; field++) {
    const column = buffer.columns[field];
    const isPlace = random() < 0.8;
    const series =
      isPlace && field === LATITUDE
        ? pick(random, LATITUDE_SERIES)
        : pick(random, isPlace && field === LONGITUDE ? LONGITUDE_SERIES : COLUMN_SERIES);
    const presence = pick(random, PRESENCES);
    let isPresent = random() < 0.5;
    before = 0;
    for (let index = 0; index < count; index++) {
      isPresent = presence(random, isPresent);
      before = clamp(series(random, index, before));
      column[index] = isPresent ? before : ABSENT;
    }
  }
  return buffer;
};

/** The bytes with a few of them flipped, changed, left out or added, or with the end cut off. */
export const mutateBytes = (random: Random, bytes: Uint8Array): Uint8Array => {
  const mutated = [...bytes];
  for (let times = 1 + Math.floor(random() * 3); times > 0; times--) {
    const at = Math.floor(random() * mutated.length);
    const byte = Math.floor(random() * 256);
    const kind = Math.floor(random() * 5);
    if (kind === 0) mutated[at] ^= 1 << (byte & 7);
    else if (kind === 1) mutated[at] = byte;
    else if (kind === 2) mutated.splice(at, 1 + (byte & 3));
    else if (kind === 3) mutated.splice(at, 0, byte);
    else mutated.length = at;
  }
  return Uint8Array.from(mutated);
};
