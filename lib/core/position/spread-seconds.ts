import { LATITUDE, LONGITUDE } from "./position.ts";
import type { PositionBuffer } from "./position-buffer.ts";

const SECOND_MS = 1000;
/** No logger has more, and a millisecond each is the least distance. */
const MAXIMUM_PER_SECOND = 1000;

/**
 * Some loggers write whole seconds and several places a second: all but one would be lost as duplicates.
 * Spreads positions of one whole second and different places evenly inside it, in the order they came; those
 * of one place stay together, because they are duplicates. If a neighbour's time has a fraction, equal times
 * are not a matter of resolution, and stay.
 *
 * Changes positions before `to`; later ones are neighbours only. `beforeMs` is the time of the position
 * before the first. Returns how many got another time. Spreading twice changes nothing more, so a record that
 * is delivered again gives the same.
 */
export const spreadSeconds = (
  positions: PositionBuffer,
  to = positions.count,
  beforeMs = Number.NaN,
): number => {
  const { timestampsMs, count } = positions;
  let spread = 0;
  let before = beforeMs;
  for (let from = 0; from < to; ) {
    const timestampMs = timestampsMs[from];
    let end = from + 1;
    while (end < to && timestampsMs[end] === timestampMs) end++;
    if (end - from > 1 && timestampMs % SECOND_MS === 0) {
      const after = end < count ? timestampsMs[end] : Number.NaN;
      if (isWholeSecond(before) && isWholeSecond(after) && before !== timestampMs) {
        spread += spreadRun(positions, from, end, before > timestampMs || after < timestampMs);
      }
    }
    before = timestampMs;
    from = end;
  }
  return spread;
};

/**
 * Where the last run of equal times begins, unless it is longer than any that is spread: then behind its end.
 */
export const lastRunStart = ({ timestampsMs, count }: PositionBuffer): number => {
  let from = count;
  while (from > 0 && timestampsMs[from - 1] === timestampsMs[count - 1]) from--;
  return count - from > MAXIMUM_PER_SECOND ? count : from;
};

/** True for no neighbour at all. */
const isWholeSecond = (timestampMs: number): boolean =>
  Number.isNaN(timestampMs) || timestampMs % SECOND_MS === 0;

const spreadRun = (
  { timestampsMs, columns }: PositionBuffer,
  from: number,
  end: number,
  isNewestFirst: boolean,
): number => {
  const places = new Map<string, number>();
  const placeOf = (index: number): string => `${columns[LATITUDE][index]},${columns[LONGITUDE][index]}`;
  for (let index = from; index < end; index++) {
    const place = placeOf(index);
    if (!places.has(place)) places.set(place, places.size);
    if (places.size > MAXIMUM_PER_SECOND) return 0;
  }
  let spread = 0;
  for (let index = from; index < end; index++) {
    const nth = places.get(placeOf(index)) ?? 0;
    const step = isNewestFirst ? places.size - 1 - nth : nth;
    if (step > 0) spread++;
    timestampsMs[index] += Math.floor((step * SECOND_MS) / places.size);
  }
  return spread;
};
