import {
  type DetectorBytes,
  decodeDetections,
  encodeDetections,
  MAXIMUM_DETECTOR_BYTES,
} from "../detectors/detectors.ts";
import type { Fence } from "../identity/fence.ts";
import type { PositionBuffer } from "../position/position-buffer.ts";
import { decodeSegment, encodeSegment } from "../segment/segment.ts";
import type { DeviceState } from "./device-state.ts";
import { DeviceStateError, Reader, Writer } from "./state-bytes.ts";

export { DeviceStateError } from "./state-bytes.ts";

const VERSION = 2;

const HAS_FENCE = 1;
const FENCE_IS_NUMBER = 2;
const HAS_SEALED = 4;
const HAS_ANCHOR = 8;
const IS_STANDING = 16;
const HAS_PENDING = 32;
const IS_INCOMPLETE = 64;
const HAS_OWED = 128;
const OWES_REMOVAL = 256;
const FENCE_HAS_CREATION = 512;
const HAS_DETECTIONS = 1024;
const ALL_FLAGS = 2047;

/**
 * Version, flags and the fields that are always there: last heard, three counts, odometer, sealed distance.
 */
const FIXED_BYTES = 1 + 2 + 4 * 6 + 2 * 8;
const SEALED_BYTES = 6;
const OWED_BYTES = 6;
const FIX_BYTES = 6 + 4 * 4;
const FENCE_LENGTHS_BYTES = 2 + 2;
const CREATION_BYTES = 6;

const encoder = new TextEncoder();

const isNumber = (sequenceNumber: string): boolean => /^\d+$/.test(sequenceNumber);

/** Two digits per byte; anything but a number is stored as text. */
const packedBytes = (sequenceNumber: string): number =>
  isNumber(sequenceNumber) ? (sequenceNumber.length + 1) >> 1 : encoder.encode(sequenceNumber).length;

/** A stream's name stays the same for years. */
let lastStream = "";
let lastStreamBytes = 0;
const streamBytes = (stream: string): number => {
  if (stream !== lastStream) {
    lastStream = stream;
    lastStreamBytes = encoder.encode(stream).length;
  }
  return lastStreamBytes;
};

const fenceBytes = ({ stream, streamCreatedAtMs, sequenceNumber }: Fence): number =>
  FENCE_LENGTHS_BYTES +
  streamBytes(stream) +
  (streamCreatedAtMs === undefined ? 0 : CREATION_BYTES) +
  packedBytes(sequenceNumber);

/** How many detectors there are, and for each its id and the number of its bytes. */
const DETECTIONS_BYTES = MAXIMUM_DETECTOR_BYTES.reduce((sum, bytes) => sum + 2 + bytes, 1);

const HEADER_BYTES = FIXED_BYTES + SEALED_BYTES + OWED_BYTES + 2 * FIX_BYTES + DETECTIONS_BYTES;

/**
 * The most bytes that encodeDeviceState needs for everything but the tail. It depends on the fence alone:
 * neither what a detector finds nor a repair, which writes another distance, may change where tails are
 * sealed.
 */
export const stateHeaderBytes = (fence: Fence | undefined): number =>
  HEADER_BYTES + (fence === undefined ? 0 : fenceBytes(fence));

/**
 * What a store keeps of a device besides its id and version: exact numbers in a fixed layout, the fence, and
 * the tail as an encoded segment, about 10 bytes per position.
 */
export const encodeDeviceState = (state: DeviceState): Uint8Array => {
  const tail = encodeSegment(state.tail);
  const header = stateHeaderBytes(state.fence);
  const writer = new Writer(new Uint8Array(header + tail.length));
  const { fence, sealedUntilMs, owedFromMs, sealedDistance } = state;
  const detections = encodeDetections(state.sealedDetections);
  writer.byte(VERSION);
  writer.length(flagsOf(state) | (detections.length > 0 ? HAS_DETECTIONS : 0));
  writer.whole(state.lastHeardMs);
  writer.whole(state.positionCount);
  writer.whole(state.latePositionCount);
  writer.whole(state.conflictCount);
  writer.float(state.odometerMeters);
  writer.float(sealedDistance.meters);
  if (sealedUntilMs !== undefined) writer.whole(sealedUntilMs);
  if (owedFromMs !== undefined) writer.whole(owedFromMs);
  if (sealedDistance.anchor !== undefined) writer.fix(sealedDistance.anchor);
  if (sealedDistance.pending !== undefined) writer.fix(sealedDistance.pending);
  if (fence !== undefined) {
    if (fence.streamCreatedAtMs !== undefined) writer.whole(fence.streamCreatedAtMs);
    writer.text(encoder.encode(fence.stream));
    if (isNumber(fence.sequenceNumber)) writer.digits(fence.sequenceNumber);
    else writer.text(encoder.encode(fence.sequenceNumber));
  }
  if (detections.length > 0) writeDetections(writer, detections);
  writer.bytes(tail);
  return writer.written();
};

/** Throws DeviceStateError when the bytes are not what encodeDeviceState returned. */
export const decodeDeviceState = (deviceId: string, version: number, bytes: Uint8Array): DeviceState => {
  try {
    return { deviceId, version, ...decodeState(new Reader(bytes)) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DeviceStateError(`state of device ${deviceId} can't be read: ${reason}`, { cause: error });
  }
};

const flagsOf = ({ fence, sealedUntilMs, sealedDistance, ...rest }: DeviceState): number =>
  (fence === undefined ? 0 : HAS_FENCE) |
  (fence !== undefined && isNumber(fence.sequenceNumber) ? FENCE_IS_NUMBER : 0) |
  (fence?.streamCreatedAtMs === undefined ? 0 : FENCE_HAS_CREATION) |
  (sealedUntilMs === undefined ? 0 : HAS_SEALED) |
  (sealedDistance.anchor === undefined ? 0 : HAS_ANCHOR) |
  (sealedDistance.standing ? IS_STANDING : 0) |
  (sealedDistance.pending === undefined ? 0 : HAS_PENDING) |
  (rest.odometerComplete ? 0 : IS_INCOMPLETE) |
  (rest.owedFromMs === undefined ? 0 : HAS_OWED) |
  (rest.removalOwed ? OWES_REMOVAL : 0);

const decodeState = (reader: Reader): Omit<DeviceState, "deviceId" | "version"> => {
  const version = reader.byte();
  if (version !== VERSION) throw new DeviceStateError(`its format is ${version}, not ${VERSION}`);
  const flags = reader.length();
  if (flags > ALL_FLAGS) throw new DeviceStateError("it has flags that are not known");
  const lastHeardMs = reader.whole();
  const positionCount = reader.whole();
  const latePositionCount = reader.whole();
  const conflictCount = reader.whole();
  const odometerMeters = reader.float();
  const meters = reader.float();
  const sealedUntilMs = flags & HAS_SEALED ? reader.whole() : undefined;
  const owedFromMs = flags & HAS_OWED ? reader.whole() : undefined;
  const anchor = flags & HAS_ANCHOR ? reader.fix() : undefined;
  const pending = flags & HAS_PENDING ? reader.fix() : undefined;
  const streamCreatedAtMs = flags & FENCE_HAS_CREATION ? reader.whole() : undefined;
  const fence = flags & HAS_FENCE ? reader.fence((flags & FENCE_IS_NUMBER) !== 0) : undefined;
  const sealedDetections = decodeDetections(flags & HAS_DETECTIONS ? readDetections(reader) : []);
  return {
    ...(fence !== undefined && {
      fence: { ...fence, ...(streamCreatedAtMs !== undefined && { streamCreatedAtMs }) },
    }),
    lastHeardMs,
    positionCount,
    latePositionCount,
    conflictCount,
    ...(sealedUntilMs !== undefined && { sealedUntilMs }),
    sealedDistance: {
      meters,
      ...(anchor !== undefined && { anchor, standing: (flags & IS_STANDING) !== 0 }),
      ...(pending !== undefined && { pending }),
    },
    sealedDetections,
    odometerMeters,
    odometerComplete: (flags & IS_INCOMPLETE) === 0,
    ...(owedFromMs !== undefined && { owedFromMs }),
    ...(flags & OWES_REMOVAL && { removalOwed: true as const }),
    tail: ascending(decodeSegment(reader.rest())),
  };
};

const writeDetections = (writer: Writer, detections: readonly DetectorBytes[]): void => {
  writer.byte(detections.length);
  for (const { id, bytes } of detections) {
    writer.byte(id);
    writer.byte(bytes.length);
    writer.bytes(bytes);
  }
};

const readDetections = (reader: Reader): DetectorBytes[] =>
  Array.from({ length: reader.byte() }, () => ({ id: reader.byte(), bytes: reader.part(reader.byte()) }));

const ascending = (tail: PositionBuffer): PositionBuffer => {
  for (let index = 1; index < tail.count; index++) {
    if (tail.timestampsMs[index] > tail.timestampsMs[index - 1]) continue;
    throw new DeviceStateError("its tail is not in time order");
  }
  return tail;
};
