import { existsSync, readFileSync } from "node:fs";
import { sampleDriveCsv } from "../infra/local/sample/sample-drive.ts";
import { recordingReader } from "../lib/adapters/recording-reader.ts";
import type { PositionBuffer } from "../lib/core/position/position-buffer.ts";
import { readRecording } from "../lib/core/recording/import-chunks.ts";

/** A real drive beside the project, if there is one; its figures can be compared with other people's. */
const REAL_DRIVE = new URL("../../shared/data/dataset_gps.csv", import.meta.url);

export interface BenchDrive {
  readonly name: string;
  readonly positions: PositionBuffer;
}

/** What to measure: a real drive if there is one, otherwise the project's own sample. */
export const benchDrive = async (): Promise<BenchDrive> => {
  const isReal = existsSync(REAL_DRIVE);
  const csv = isReal ? readFileSync(REAL_DRIVE) : new TextEncoder().encode(sampleDriveCsv());
  const { positions } = await readRecording(recordingReader, [csv], Date.now());
  return { name: isReal ? "dataset_gps.csv" : "the sample drive", positions };
};
