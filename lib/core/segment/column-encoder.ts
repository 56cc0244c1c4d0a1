import { CONSTANT, HAS_STEP, PACKED, SECOND_ORDER, SPARSE, zigzag } from "./column-format.ts";
import { BLOCK, blockCount, packedSize, widthOf, writePacked } from "./packed.ts";
import { sparseSize, writeSparse } from "./sparse.ts";
import { MAXIMUM_VARINT_BYTES, signedSize, writeSigned, writeUnsigned } from "./varint.ts";

/** Bytes that a column takes at most: packed at full width, with the presence and the numbers that lead. */
export const columnSizeBound = (count: number): number =>
  4 * count + Math.ceil(count / 3) + 64 + 4 * MAXIMUM_VARINT_BYTES;

/** Fewer values than this are not worth a step. */
const MINIMUM_COUNT_FOR_STEP = 8;

// Encoding never awaits, so one set of scratch memory serves every call.
let deltas = new Int32Array(1024);
let seconds = new Int32Array(1024);
let widths = new Uint8Array(1024 / BLOCK);
let secondWidths = new Uint8Array(1024 / BLOCK);

/**
 * Writes `count` (at least 1) values from `values[from]` on, in the smallest coding, without what says which positions
 * have one; `firstValue` is written in place of `values[from]`. The coding is or-ed into the byte at `header`. Returns the
 * offset behind it.
 *
 * Differences are taken modulo 2^32: they always fit 32 bits, undo exactly whatever the values, and a step across
 * the antimeridian is even shorter.
 */
export const encodeColumn = (
  out: Uint8Array,
  header: number,
  offset: number,
  values: Int32Array,
  from: number,
  count: number,
  firstValue: number,
): number => {
  const deltaCount = count - 1;
  if (deltas.length < deltaCount) {
    deltas = new Int32Array(2 * deltaCount);
    seconds = new Int32Array(2 * deltaCount);
    widths = new Uint8Array(blockCount(2 * deltaCount));
    secondWidths = new Uint8Array(blockCount(2 * deltaCount));
  }
  let step = commonStep(values, from, deltaCount);
  if (step === 0) {
    out[header] |= CONSTANT;
    return writeSigned(out, offset, firstValue);
  }
  let next = offset;
  if (step > 1 && count >= MINIMUM_COUNT_FOR_STEP) {
    out[header] |= HAS_STEP;
    next = writeUnsigned(out, next, step);
  } else {
    step = 1;
  }
  next = writeSigned(out, next, firstValue);
  survey(values, from, deltaCount, step);
  return writeResiduals(out, header, next, deltaCount);
};

/** The greatest common divisor of the differences, 0 when all are 0. On noisy columns a few of them settle that it is 1. */
const commonStep = (values: Int32Array, from: number, deltaCount: number): number => {
  let step = 0;
  let before = values[from];
  for (let index = from + 1; index <= from + deltaCount; index++) {
    const value = values[index];
    if (value === before) continue;
    const delta = (value - before) | 0;
    before = value;
    if (step === 0 || delta % step !== 0) step = commonDivisor(step, Math.abs(delta));
    if (step === 1) break;
  }
  return step;
};

const commonDivisor = (left: number, right: number): number => {
  let divisor = left;
  let rest = right;
  while (rest !== 0) {
    const remainder = divisor % rest;
    divisor = rest;
    rest = remainder;
  }
  return divisor;
};

// How many residuals of either order are not 0; in variables, because an object per column would be garbage.
let changes = 0;
let secondChanges = 0;

/** Fills `deltas` and `seconds`, counts `changes` and `secondChanges`, and finds the widths of the blocks of either order. */
const survey = (values: Int32Array, from: number, deltaCount: number, step: number): void => {
  const first = deltas;
  const second = seconds;
  const firstWidths = widths;
  const nextWidths = secondWidths;
  let zeros = 0;
  let secondZeros = 0;
  let before = values[from];
  let deltaBefore = (values[from + 1] - before) | 0;
  if (step !== 1) deltaBefore = (deltaBefore / step) | 0;
  for (let start = 0, block = 0; start < deltaCount; start += BLOCK, block++) {
    const end = Math.min(deltaCount, start + BLOCK);
    let bits = 0;
    let secondBits = 0;
    for (let index = start; index < end; index++) {
      const value = values[from + index + 1];
      let delta = (value - before) | 0;
      before = value;
      if (delta === 0) zeros++;
      else if (step !== 1) delta = (delta / step) | 0;
      const change = (delta - deltaBefore) | 0;
      deltaBefore = delta;
      if (change === 0) secondZeros++;
      first[index] = delta;
      second[index] = change;
      bits |= zigzag(delta);
      secondBits |= zigzag(change);
    }
    firstWidths[block] = widthOf(bits);
    nextWidths[block] = widthOf(secondBits);
  }
  changes = deltaCount - zeros;
  secondChanges = deltaCount - secondZeros;
};

/**
 * Writes the differences, which `deltas` holds, in the order and coding that take the fewest bytes: exactly, because the
 * size of an open segment is bounded by what each coding would take.
 */
const writeResiduals = (out: Uint8Array, header: number, offset: number, deltaCount: number): number => {
  const firstDelta = deltas[0];
  const leading = signedSize(firstDelta);
  const packed = packedSize(widths, deltaCount);
  const packedSecond = leading + packedSize(secondWidths, deltaCount);
  const least = Math.min(packed, packedSecond);
  // A change takes at least a byte, so most columns are not tried.
  const sparseEnd =
    changes < least ? writeSparse(out, offset, deltas, deltaCount, offset + least) : offset + least;
  const limit = Math.min(least, sparseEnd - offset);
  if (leading + secondChanges < limit && leading + sparseSize(seconds, deltaCount, limit) < limit) {
    out[header] |= SPARSE | SECOND_ORDER;
    return writeSparse(out, writeSigned(out, offset, firstDelta), seconds, deltaCount, offset + limit);
  }
  if (limit < least) {
    out[header] |= SPARSE;
    return sparseEnd;
  }
  if (packedSecond < packed) {
    out[header] |= PACKED | SECOND_ORDER;
    return writePacked(out, writeSigned(out, offset, firstDelta), seconds, deltaCount, secondWidths);
  }
  out[header] |= PACKED;
  return writePacked(out, offset, deltas, deltaCount, widths);
};
