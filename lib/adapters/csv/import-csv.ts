import {
  type ImportedRecording,
  type ImportPorts,
  importRecording,
} from "../../core/recording/import-recording.ts";
import { type Chunks, type ReadProgress, readCsvRecording } from "./read-recording.ts";

/**
 * Imports a recorded drive of any size from CSV, read as it comes. Errors: those of readCsvRecording and importRecording.
 */
export const importCsv = async (
  ports: ImportPorts,
  chunks: Chunks,
  options: { readonly name?: string; readonly onProgress?: (progress: ReadProgress) => void } = {},
): Promise<ImportedRecording> => {
  const file = await readCsvRecording(chunks, ports.now(), options.onProgress);
  return importRecording(ports, file, options.name);
};
