import { sampleDriveCsv } from "../infra/local/sample/sample-drive.ts";
import { recordingReader } from "../lib/adapters/recording-reader.ts";
import type { Position } from "../lib/core/position/position.ts";
import { readRecording } from "../lib/core/recording/import-chunks.ts";

/** Positions by device, in time order. */
export type Fleet = ReadonlyMap<string, readonly Position[]>;

/** The project's own drive, about one position a second, each with all 13 fields. */
export const sampleDrive = async (): Promise<Position[]> => {
  const csv = new TextEncoder().encode(sampleDriveCsv());
  return [...(await readRecording(recordingReader, [csv], Date.now())).positions];
};

/**
 * What a fleet sends: a repeated drive. Each vehicle starts at a different place in it and sends one position
 * a second from `startMs` on, at the fraction of the second at which it was recorded.
 */
export const fleetPositions = (
  drive: readonly Position[],
  devices: number,
  positionsPerDevice: number,
  startMs: number,
): Fleet =>
  new Map(
    Array.from({ length: devices }, (_, device) => {
      const begin = Math.floor((device * drive.length) / devices);
      const positions = Array.from({ length: positionsPerDevice }, (_, second) => {
        const position = drive[(begin + second) % drive.length];
        return { ...position, timestampMs: startMs + second * 1_000 + (position.timestampMs % 1_000) };
      });
      return [`vehicle-${device}`, positions];
    }),
  );

/** What a device sends in one request. */
export interface Report {
  readonly atMs: number;
  readonly deviceId: string;
  readonly positions: readonly Position[];
}

/**
 * What a fleet sends in each second: every device reports when it has gathered enough positions. They take
 * turns, like devices that did not start at the same moment.
 */
export function* reportsBySecond(fleet: Fleet, positionsPerReport: number): Generator<Report[]> {
  const devices = [...fleet];
  const seconds = Math.max(...devices.map(([, { length }]) => length));
  for (let end = 1; end <= seconds; end++) {
    yield devices.flatMap(([deviceId, all], index) => {
      if ((end + index) % positionsPerReport !== 0) return [];
      const positions = all.slice(Math.max(0, end - positionsPerReport), end);
      return [{ atMs: positions[positions.length - 1].timestampMs, deviceId, positions }];
    });
  }
}
