import { deviceStateBytes } from "../lib/adapters/dynamodb/item-budget.ts";
import { zstd } from "../lib/adapters/zstd.ts";
import { advance, type DeviceRecord } from "../lib/core/device/advance.ts";
import { type DeviceState, unheardDevice } from "../lib/core/device/device-state.ts";
import { toJson } from "../lib/core/position/parse-position.ts";
import { PositionBuffer } from "../lib/core/position/position-buffer.ts";
import { encodeSegment } from "../lib/core/segment/segment.ts";
import { decodeRecord } from "../lib/core/stream/decode-record.ts";
import { DEFAULT_TENANT } from "../lib/core/tenant/tenant-id.ts";
import { benchDrive } from "./drive.ts";
import { percentile } from "./percentile.ts";
import type { BenchTable } from "./report.ts";

export interface StreamHandlerOptions {
  readonly rounds?: number;
  readonly positionsPerRound?: number;
}

interface Load {
  readonly positionsPerRecord: number;
  /** Records of the same device in one batch. */
  readonly recordsPerBatch: number;
}

const LOADS: readonly Load[] = [
  { positionsPerRecord: 300, recordsPerBatch: 1 },
  { positionsPerRecord: 60, recordsPerBatch: 1 },
  { positionsPerRecord: 60, recordsPerBatch: 10 },
  { positionsPerRecord: 10, recordsPerBatch: 1 },
  { positionsPerRecord: 10, recordsPerBatch: 10 },
];

/**
 * The kernel counts a thread's time in steps of a few milliseconds, so a measurement has to be much longer.
 */
const MEASURED_MICROSECONDS = 250_000;

const DEVICE_ID = "demo";
const STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/positions";
const FIRST_SEQUENCE_NUMBER = 49590338271490256608559692538361571095921575989136588898n;

/**
 * How many positions a second one core takes from a record's bytes to the advanced state and the encoded
 * sealed segments, without the stores. The forms take turns within a round.
 */
export const streamHandlerBench = async ({
  rounds = 9,
  positionsPerRound = 150_000,
}: StreamHandlerOptions = {}): Promise<BenchTable> => {
  const { name, positions } = await benchDrive();
  const long = repeated(positions, positionsPerRound);
  const subjects = LOADS.flatMap((load) => [
    { load, form: "JSON", batches: batchesOf(long, load, jsonBytes), speeds: [] as number[] },
    { load, form: "segment", batches: batchesOf(long, load, encodeSegment), speeds: [] as number[] },
  ]);
  let sealedCount = 0;
  let sealedSegments = 0;
  for (let round = 0; round <= rounds; round++) {
    for (const { batches, speeds } of subjects) {
      const before = process.threadCpuUsage();
      let tracked = 0;
      let spentMicroseconds = 0;
      while (spentMicroseconds < MEASURED_MICROSECONDS) {
        const { state, sealed } = track(batches);
        if (state.positionCount !== long.count)
          throw new Error(`${state.positionCount} positions of ${long.count}`);
        sealedSegments = sealed;
        sealedCount = state.positionCount - state.tail.count;
        tracked += long.count;
        const { user, system } = process.threadCpuUsage(before);
        spentMicroseconds = user + system;
      }
      // The first round is for the compiler.
      if (round > 0) speeds.push((tracked * 1000) / spentMicroseconds);
    }
  }
  return {
    name: "Stream handler",
    columns: ["record", "positions/record", "records/device/batch", "thousand positions/s/core"],
    rows: subjects.map(({ form, load, speeds }) => [
      form,
      load.positionsPerRecord,
      load.recordsPerBatch,
      Math.round(percentile(speeds, 0.5)),
    ]),
    notes: [
      `${name}, 13 fields; ${Math.round((sealedCount / sealedSegments) * 10) / 10} positions in a sealed segment.`,
      `Median of ${rounds} rounds of at least ${MEASURED_MICROSECONDS / 1000} ms; by one thread's processor time, stores left out.`,
    ],
  };
};

/** As the handler does it: decode every record, then advance the device's state by the whole batch. */
const track = (batches: readonly (readonly Uint8Array[])[]): { state: DeviceState; sealed: number } => {
  let state = unheardDevice(DEVICE_ID);
  let sealed = 0;
  let sequenceNumber = FIRST_SEQUENCE_NUMBER;
  const arrivedAtMs = Date.now();
  for (const batch of batches) {
    const records = batch.map((data): DeviceRecord => {
      const { positions } = decodeRecord({ partitionKey: DEVICE_ID, data, arrivedAtMs }, zstd);
      return { stream: STREAM, sequenceNumber: String(sequenceNumber++), arrivedAtMs, positions };
    });
    const advanced = advance(state, records, deviceStateBytes(DEFAULT_TENANT, DEVICE_ID));
    state = advanced.state;
    sealed += advanced.sealed.length;
  }
  return { state, sealed };
};

/** The drive repeated, each time later. */
const repeated = (drive: PositionBuffer, count: number): PositionBuffer => {
  const long = new PositionBuffer(count + drive.count);
  const lengthMs = drive.timestampsMs[drive.count - 1] - drive.timestampsMs[0] + 1000;
  for (let round = 0; long.count < count; round++) {
    const from = long.count;
    long.append(drive);
    for (let index = from; index < long.count; index++) long.timestampsMs[index] += round * lengthMs;
  }
  long.count -= long.count % 3000;
  return long;
};

const jsonBytes = (positions: PositionBuffer, from: number, to: number): Uint8Array =>
  Buffer.from(
    JSON.stringify(Array.from({ length: to - from }, (_, index) => toJson(positions.at(from + index)))),
  );

const batchesOf = (
  positions: PositionBuffer,
  { positionsPerRecord, recordsPerBatch }: Load,
  encode: (positions: PositionBuffer, from: number, to: number) => Uint8Array,
): Uint8Array[][] => {
  const batches: Uint8Array[][] = [];
  const positionsPerBatch = positionsPerRecord * recordsPerBatch;
  for (let from = 0; from < positions.count; from += positionsPerBatch) {
    const end = Math.min(positions.count, from + positionsPerBatch);
    const batch: Uint8Array[] = [];
    for (let at = from; at < end; at += positionsPerRecord) {
      batch.push(encode(positions, at, Math.min(end, at + positionsPerRecord)));
    }
    batches.push(batch);
  }
  return batches;
};
