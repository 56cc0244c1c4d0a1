import { existsSync, readFileSync } from "node:fs";
import { sampleDriveCsv } from "../infra/local/sample/sample-drive.ts";
import type { PositionBuffer } from "../lib/core/position/position-buffer.ts";
import { readCsvRecording } from "../lib/formats/csv/read.ts";

/** A real drive beside the project, where there is one; figures on it can be compared with those of others. */
const REAL_DRIVE = new URL("../../shared/data/dataset_gps.csv", import.meta.url);

export interface BenchDrive {
  readonly name: string;
  readonly positions: PositionBuffer;
}

/** What to measure on: a real drive where there is one, else the project's own sample. */
export const benchDrive = async (): Promise<BenchDrive> => {
  const isReal = existsSync(REAL_DRIVE);
  const csv = isReal ? readFileSync(REAL_DRIVE) : new TextEncoder().encode(sampleDriveCsv());
  const { positions } = await readCsvRecording([csv], Date.now());
  return { name: isReal ? "dataset_gps.csv" : "the sample drive", positions };
};
