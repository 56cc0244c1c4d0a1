import { sampleDriveCsv } from "../infra/local/sample/sample-drive.ts";
import { readCsvRecording } from "../lib/adapters/csv/read-recording.ts";
import { zstd } from "../lib/adapters/zstd.ts";
import type { TrackedRecord } from "../lib/core/device/track-records.ts";
import type { Position } from "../lib/core/position/position.ts";
import { PositionBuffer } from "../lib/core/position/position-buffer.ts";
import { recordsOf } from "../lib/core/stream/publish-positions.ts";

/** Positions by device, in time order. */
export type Fleet = ReadonlyMap<string, readonly Position[]>;

/** The project's own drive, about one position a second, each with all 13 fields. */
export const sampleDrive = async (): Promise<Position[]> => {
  const csv = new TextEncoder().encode(sampleDriveCsv());
  return [...(await readCsvRecording([csv], Date.now())).positions];
};

/** What a fleet sends: a drive again and again, each vehicle from another place of it on. */
export const fleetPositions = (
  drive: readonly Position[],
  devices: number,
  positionsPerDevice: number,
): Fleet => {
  const lengthMs = drive[drive.length - 1].timestampMs - drive[0].timestampMs + 1_000;
  return new Map(
    Array.from({ length: devices }, (_, device) => {
      const begin = Math.floor((device * drive.length) / devices);
      const positions = Array.from({ length: positionsPerDevice }, (_, index) => {
        const round = Math.floor((begin + index) / drive.length);
        const position = drive[(begin + index) % drive.length];
        return { ...position, timestampMs: position.timestampMs + round * lengthMs };
      });
      return [`vehicle-${device}`, positions];
    }),
  );
};

/** Named as on AWS, so that the fence in a device's state has its usual length. */
const STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/positions";
/** As long as those of Kinesis. */
const FIRST_SEQUENCE_NUMBER = 49590338271490256608559692538361571095921575989136588898n;

/**
 * The fleet's positions as the batches that a consumer gets: in each batch one record of every device, with so many positions,
 * encoded as our own producers encode them.
 */
export function* batchesOf(fleet: Fleet, positionsPerRecord: number): Generator<TrackedRecord[]> {
  const longest = Math.max(...[...fleet.values()].map(({ length }) => length));
  let sequenceNumber = FIRST_SEQUENCE_NUMBER;
  for (let from = 0; from < longest; from += positionsPerRecord) {
    yield [...fleet].flatMap(([deviceId, positions]) => {
      const buffer = PositionBuffer.from(positions.slice(from, from + positionsPerRecord));
      return recordsOf(deviceId, buffer, zstd).map(({ data }): TrackedRecord => {
        const number = String(sequenceNumber++);
        return {
          recordId: `shardId-000000000000:${number}`,
          stream: STREAM,
          sequenceNumber: number,
          partitionKey: deviceId,
          arrivedAtMs: positions[positions.length - 1].timestampMs,
          data,
        };
      });
    });
  }
}
