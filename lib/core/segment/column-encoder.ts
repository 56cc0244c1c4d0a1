import {
  CONSTANT,
  DELTA,
  DELTA_OF_DELTA,
  HAS_STEP,
  SPARSE_DELTA,
  SPARSE_DELTA_OF_DELTA,
  SPARSE_NIBBLE,
} from "./column-format.ts";
import { MAXIMUM_VARINT_BYTES, writeSigned, writeUnsigned } from "./varint.ts";

/** Bytes that a column takes at most; sparse coding is only chosen where it is smaller than varints. */
export const columnSizeBound = (count: number): number =>
  5 * count + Math.ceil(count / 8) + 3 * MAXIMUM_VARINT_BYTES;

/** Fewer values than this are not worth a step. */
const MINIMUM_COUNT_FOR_STEP = 8;

// Differences are taken modulo 2^32: they always fit 32 bits, undo exactly, and a step across the antimeridian is even
// shorter. All arithmetic stays in 32-bit integers, where it is fast; a negative one stands for an unsigned one above 2^31.
const zigzag = (delta: number): number => (delta << 1) ^ (delta >> 31);

/** Bytes of a varint by the count of its leading zero bits. */
const VARINT_BYTES = Uint8Array.from({ length: 33 }, (_, zeros) => Math.max(1, Math.ceil((32 - zeros) / 7)));

// Encoding never awaits, so one set of scratch memory serves every call.
let deltas = new Int32Array(1024);

/**
 * Writes `count` (at least 1) values from `values[from]` in the smallest coding, without what says which positions have
 * one; `firstValue` is written in place of `values[from]`. The column's first byte, at `header`, gets the coding or-ed in.
 * Returns the offset behind it.
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
  const last = count - 1;
  if (deltas.length < last) deltas = new Int32Array(2 * last);
  let step = takeDeltas(values, from, last, deltas);
  if (step === 0) {
    out[header] |= CONSTANT;
    return writeSigned(out, offset, firstValue);
  }
  let next = offset;
  if (step > 1 && count >= MINIMUM_COUNT_FOR_STEP) {
    out[header] |= HAS_STEP;
    next = writeUnsigned(out, next, step);
    for (let index = 0; index < last; index++) deltas[index] = (deltas[index] / step) | 0;
  } else {
    step = 1;
  }
  next = writeSigned(out, next, firstValue);
  const coding = chooseCoding(deltas, last);
  out[header] |= coding;
  if (coding === DELTA_OF_DELTA || coding === SPARSE_DELTA_OF_DELTA) takeDifferences(deltas, last);
  return coding === DELTA || coding === DELTA_OF_DELTA
    ? writeVarints(out, next, deltas, last)
    : writeSparse(out, next, deltas, last);
};

/** Fills `into` with the differences of neighbours; returns their greatest common divisor, 0 when all are 0. */
const takeDeltas = (values: Int32Array, from: number, last: number, into: Int32Array): number => {
  let step = 0;
  let before = values[from];
  for (let index = 0; index < last; index++) {
    const value = values[from + index + 1];
    const delta = (value - before) | 0;
    into[index] = delta;
    if (step !== 1 && delta !== 0 && (step === 0 || delta % step !== 0))
      step = commonDivisor(step, Math.abs(delta));
    before = value;
  }
  return step;
};

const commonDivisor = (left: number, right: number): number => {
  let divisor = left;
  let rest = right;
  while (rest !== 0) [divisor, rest] = [rest, divisor % rest];
  return divisor;
};

const takeDifferences = (series: Int32Array, count: number): void => {
  let before = 0;
  for (let index = 0; index < count; index++) {
    const value = series[index];
    series[index] = (value - before) | 0;
    before = value;
  }
};

/** Adds up what each coding would take, and returns the cheapest; the simplest one of equals. */
const chooseCoding = (series: Int32Array, count: number): number => {
  let deltaBytes = 0;
  let secondBytes = 0;
  let sparseBytes = 0;
  let sparseSecondBytes = 0;
  let zeros = 0;
  let secondZeros = 0;
  let before = 0;
  for (let index = 0; index < count; index++) {
    const delta = series[index];
    const first = zigzag(delta);
    const second = zigzag((delta - before) | 0);
    before = delta;
    deltaBytes += VARINT_BYTES[Math.clz32(first)];
    secondBytes += VARINT_BYTES[Math.clz32(second)];
    if (first === 0) zeros++;
    else {
      sparseBytes += sparseTokenBytes(zeros, first);
      zeros = 0;
    }
    if (second === 0) secondZeros++;
    else {
      sparseSecondBytes += sparseTokenBytes(secondZeros, second);
      secondZeros = 0;
    }
  }
  if (zeros > 0) sparseBytes += sparseTokenBytes(zeros, 1);
  if (secondZeros > 0) sparseSecondBytes += sparseTokenBytes(secondZeros, 1);
  const least = Math.min(deltaBytes, secondBytes, sparseBytes, sparseSecondBytes);
  if (least === deltaBytes) return DELTA;
  if (least === secondBytes) return DELTA_OF_DELTA;
  return least === sparseBytes ? SPARSE_DELTA : SPARSE_DELTA_OF_DELTA;
};

const sparseTokenBytes = (zeros: number, zigzagged: number): number =>
  1 +
  (zeros < SPARSE_NIBBLE ? 0 : VARINT_BYTES[Math.clz32(zeros - SPARSE_NIBBLE)]) +
  (zigzagged >>> 4 === 0 ? 0 : VARINT_BYTES[Math.clz32(zigzagged - 1 - SPARSE_NIBBLE)]);

const writeVarints = (out: Uint8Array, offset: number, series: Int32Array, count: number): number => {
  let next = offset;
  for (let index = 0; index < count; index++) {
    let rest = zigzag(series[index]);
    while ((rest & ~0x7f) !== 0) {
      out[next++] = rest | 0x80;
      rest >>>= 7;
    }
    out[next++] = rest;
  }
  return next;
};

const writeSparse = (out: Uint8Array, offset: number, series: Int32Array, count: number): number => {
  let next = offset;
  let zeros = 0;
  for (let index = 0; index < count; index++) {
    const zigzagged = zigzag(series[index]);
    if (zigzagged === 0) zeros++;
    else {
      next = writeToken(out, next, zeros, zigzagged);
      zeros = 0;
    }
  }
  return zeros > 0 ? writeToken(out, next, zeros, 1) : next;
};

const writeToken = (out: Uint8Array, offset: number, zeros: number, zigzagged: number): number => {
  const isSmall = zigzagged >>> 4 === 0;
  let next = offset;
  out[next++] = (Math.min(zeros, SPARSE_NIBBLE) << 4) | (isSmall ? zigzagged - 1 : SPARSE_NIBBLE);
  if (zeros >= SPARSE_NIBBLE) next = writeUnsigned(out, next, zeros - SPARSE_NIBBLE);
  return isSmall ? next : writeUnsigned(out, next, (zigzagged - 1 - SPARSE_NIBBLE) >>> 0);
};
