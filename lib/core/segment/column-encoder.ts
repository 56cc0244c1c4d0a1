import { CONSTANT, HAS_STEP, PACKED, SECOND_ORDER, SPARSE, unzigzag } from "./column-format.ts";
import { writePacked } from "./packed.ts";
import { Residuals } from "./residuals.ts";
import { sparseSize, writeSparse } from "./sparse.ts";
import { type ByteWriter, MAXIMUM_VARINT_BYTES, signedSize, writeSigned, writeUnsigned } from "./varint.ts";

/** Bytes that a column takes at most: packed at full width, with the presence and the numbers that lead. */
export const columnSizeBound = (count: number): number =>
  4 * count + Math.ceil(count / 3) + 64 + 4 * MAXIMUM_VARINT_BYTES;

/** Fewer values than this are not worth a step. */
const MINIMUM_COUNT_FOR_STEP = 8;

// Encoding never awaits, so one set of scratch memory serves every call.
const deltas = new Residuals();
const seconds = new Residuals();

/**
 * Writes `count` (at least 1) values from `values[from]` on, in the smallest coding, without what says which
 * positions have one; `firstValue` is written in place of `values[from]`. Differences of differences are
 * considered when the column `isSteady`. The coding is or-ed into the byte at `header`. Returns the offset
 * after the column.
 *
 * Differences are taken modulo 2^32: they always fit 32 bits, undo exactly whatever the values, and a step
 * across the antimeridian is even shorter.
 */
export const encodeColumn = (
  out: ByteWriter,
  header: number,
  offset: number,
  values: Int32Array,
  from: number,
  count: number,
  firstValue: number,
  isSteady: boolean,
): number => {
  const { bytes } = out;
  const deltaCount = count - 1;
  let step = commonStep(values, from, deltaCount);
  if (step === 0) {
    bytes[header] |= CONSTANT;
    return writeSigned(bytes, offset, firstValue);
  }
  let next = offset;
  if (step > 1 && count >= MINIMUM_COUNT_FOR_STEP) {
    bytes[header] |= HAS_STEP;
    next = writeUnsigned(bytes, next, step);
  } else {
    step = 1;
  }
  next = writeSigned(bytes, next, firstValue);
  deltas.measure(values, from, deltaCount, step, false);
  if (!isSteady) return writeFirst(out, header, next);
  seconds.measure(values, from, deltaCount, step, true);
  return writeEither(out, header, next);
};

/**
 * The greatest common divisor of the differences, 0 when all are 0. On noisy columns a few of them settle
 * that it is 1.
 */
const commonStep = (values: Int32Array, from: number, deltaCount: number): number => {
  let step = 0;
  let before = values[from];
  let deltaBefore = 0;
  for (let index = from + 1; index <= from + deltaCount; index++) {
    const value = values[index];
    const delta = (value - before) | 0;
    before = value;
    if (delta === 0 || delta === deltaBefore) continue;
    deltaBefore = delta;
    const rest = step === 0 ? delta : delta % step;
    if (rest === 0) continue;
    step = commonDivisor(step, Math.abs(rest));
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

/** Writes the differences in the coding that takes the fewest bytes. */
const writeFirst = (out: ByteWriter, header: number, offset: number): number => {
  const { bytes } = out;
  const { packedBytes } = deltas;
  if (deltas.leastSparseBytes < packedBytes) {
    const end = writeSparse(bytes, offset, deltas, offset + packedBytes);
    if (end < offset + packedBytes) {
      bytes[header] |= SPARSE;
      return end;
    }
  }
  bytes[header] |= PACKED;
  return writePacked(out, offset, deltas);
};

/** The same, by exact sizes, with the choice of the order. */
const writeEither = (out: ByteWriter, header: number, offset: number): number => {
  const { bytes } = out;
  const firstDelta = unzigzag(deltas.values[0]);
  const leading = signedSize(firstDelta);
  const least = Math.min(deltas.packedBytes, sparseSize(deltas, deltas.packedBytes));
  const leastSecond = leading + Math.min(seconds.packedBytes, sparseSize(seconds, seconds.packedBytes));
  if (leastSecond >= least) return writeFirst(out, header, offset);
  const next = writeSigned(bytes, offset, firstDelta);
  if (leastSecond < leading + seconds.packedBytes) {
    bytes[header] |= SPARSE | SECOND_ORDER;
    return writeSparse(bytes, next, seconds, next + seconds.packedBytes);
  }
  bytes[header] |= PACKED | SECOND_ORDER;
  return writePacked(out, next, seconds);
};
