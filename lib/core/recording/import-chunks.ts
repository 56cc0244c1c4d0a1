import { PositionBuffer } from "../position/position-buffer.ts";
import {
  type ImportedRecording,
  type ImportPorts,
  importRecording,
  type RecordingFile,
} from "./import-recording.ts";
import { type Chunks, onlyTrack, type RecordingReader } from "./recording-reader.ts";

export interface ReadProgress {
  readonly bytesRead: number;
}

/**
 * Reads a whole file into memory, about 56 bytes for a position. Errors: those of RecordingReader and
 * onlyTrack.
 */
export const readRecording = async (
  reader: RecordingReader,
  chunks: Chunks,
  nowMs: number,
  onProgress: (progress: ReadProgress) => void = () => undefined,
): Promise<RecordingFile> => {
  const positions = new PositionBuffer();
  let bytesRead = 0;
  const observed = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      yield chunk;
      bytesRead += chunk.length;
      onProgress({ bytesRead });
    }
  };
  const append = onlyTrack((batch) => positions.append(batch));
  return { ...(await reader.read(observed(), nowMs, append)), positions };
};

export interface ImportOptions {
  readonly name?: string | undefined;
  readonly onProgress?: (progress: ReadProgress) => void;
}

export interface ChunkImportPorts extends ImportPorts {
  readonly reader: RecordingReader;
}

/** Imports a recorded drive that fits in memory. Errors: those of readRecording and importRecording. */
export const importChunks = async (
  ports: ChunkImportPorts,
  chunks: Chunks,
  { name, onProgress }: ImportOptions = {},
): Promise<ImportedRecording> =>
  importRecording(ports, await readRecording(ports.reader, chunks, ports.now(), onProgress), name);
