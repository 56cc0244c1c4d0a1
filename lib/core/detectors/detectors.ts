import type { PositionBuffer } from "../position/position-buffer.ts";
import type { Detector } from "./detector.ts";
import { standing } from "./standing.ts";

/** All detectors, each under the name that its state has in a device's. */
export const DETECTORS = { standing };

type StateOf<Of> = Of extends Detector<infer State> ? State : never;

/** The state of every detector after some positions. */
export type Detections = {
  readonly [Name in keyof typeof DETECTORS]: StateOf<(typeof DETECTORS)[Name]>;
};

const ALL: readonly (readonly [string, Detector<unknown>])[] = Object.entries(DETECTORS);

const forAll = (stateOf: (name: string, detector: Detector<unknown>) => unknown): Detections =>
  Object.fromEntries(ALL.map(([name, detector]) => [name, stateOf(name, detector)])) as Detections;

/** Before the first position. */
export const NOTHING_DETECTED: Detections = forAll((_, { initial }) => initial);

/**
 * After the positions `from` (inclusive) to `to` (exclusive) too, which are in time order and newer than all
 * before.
 */
export const stepDetections = (
  before: Detections,
  positions: PositionBuffer,
  from = 0,
  to = positions.count,
): Detections =>
  forAll((name, detector) => detector.step(before[name as keyof Detections], positions, from, to));

/** False for what was kept before one of the detectors was there. */
export const hasAllDetections = (detections: Partial<Detections> | undefined): detections is Detections =>
  detections !== undefined && ALL.every(([name]) => name in detections);

/** The bytes of one detector. */
export interface DetectorBytes {
  readonly id: number;
  readonly bytes: Uint8Array;
}

/** Those that are not at their beginning. */
export const encodeDetections = (detections: Detections): DetectorBytes[] =>
  ALL.map(([name, { id, encode }]) => ({ id, bytes: encode(detections[name as keyof Detections]) })).filter(
    ({ bytes }) => bytes.length > 0,
  );

/** A detector without bytes is at its beginning; bytes of one that is gone are dropped. */
export const decodeDetections = (encoded: readonly DetectorBytes[]): Detections =>
  forAll((_, { id, decode }) => decode(encoded.find((each) => each.id === id)?.bytes ?? new Uint8Array(0)));

/** For each detector, how many bytes encodeDetections gives at most. */
export const MAXIMUM_DETECTOR_BYTES: readonly number[] = ALL.map(([, { maximumBytes }]) => maximumBytes);
