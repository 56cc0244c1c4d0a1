import {
  type ImportedRecording,
  type ImportPorts,
  importRecording,
} from "../../core/recording/import-recording.ts";
import type { Chunks } from "../../core/recording/recording-reader.ts";
import { type ReadProgress, readCsvRecording } from "./read.ts";

/** Imports a recorded drive that fits in memory from CSV. Errors: those of readCsvRecording and importRecording. */
export const importCsv = async (
  ports: ImportPorts,
  chunks: Chunks,
  options: { readonly name?: string; readonly onProgress?: (progress: ReadProgress) => void } = {},
): Promise<ImportedRecording> => {
  const file = await readCsvRecording(chunks, ports.now(), options.onProgress);
  return importRecording(ports, file, options.name);
};
