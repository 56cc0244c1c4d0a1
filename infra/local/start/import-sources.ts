import { createReadStream, statSync } from "node:fs";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoRecordingStore } from "../../../lib/adapters/dynamodb/recording-store.ts";
import { dynamoTrackStore } from "../../../lib/adapters/dynamodb/track-store.ts";
import { recordingReader } from "../../../lib/adapters/recording-reader.ts";
import { zstd } from "../../../lib/adapters/zstd.ts";
import { type ChunkImportPorts, importChunks } from "../../../lib/core/recording/import-chunks.ts";
import type { ImportedRecording } from "../../../lib/core/recording/import-recording.ts";
import { DEFAULT_TENANT } from "../../../lib/core/tenant/tenant-id.ts";
import { sentence } from "../../../lib/runtime/problem.ts";
import { failure } from "../../command/failure.ts";
import { localClientSettings } from "../../engine/clients.ts";
import { tableName } from "../../engine/names.ts";
import type { StackAddress } from "../stack/stack-file.ts";
import type { Source } from "./options.ts";
import type { Progress } from "./progress.ts";

/** A source whose file has become a recording. */
export interface ImportedSource extends Source {
  readonly recordingId: string;
  readonly positionCount: number;
}

type TablesAddress = Pick<StackAddress, "dynamodbEndpoint" | "credentials">;

/** Directly into the stack's tables, because a request to the API carries at most 5.75 MB. */
export const importPorts = ({ dynamodbEndpoint, credentials }: TablesAddress): ChunkImportPorts => {
  const client = dynamoClient(localClientSettings(dynamodbEndpoint, credentials));
  return {
    recordings: dynamoRecordingStore(client, tableName("recordings"), {
      listingsTableName: tableName("listings"),
    })(DEFAULT_TENANT),
    tracks: dynamoTrackStore(client, tableName("tracks"))(DEFAULT_TENANT),
    compression: zstd,
    reader: recordingReader,
    now: Date.now,
  };
};

/**
 * Imports each file, of any size; one that was imported before stays as it is. Raises a CommandFailure that
 * names the file.
 */
export const importSources = async (
  ports: ChunkImportPorts,
  sources: readonly Source[],
  progress: Progress,
): Promise<ImportedSource[]> => {
  const imported: ImportedSource[] = [];
  for (const source of sources) {
    progress.begin(`importing ${source.name}`);
    const result = await importFile(ports, source, progress);
    const { recordingId, positionCount } = result.recording;
    const positions = `${positionCount.toLocaleString("en")} positions`;
    progress.end([`imported ${source.name}: ${positions}`, ...rejectedLines(result)].join("\n"));
    imported.push({ ...source, recordingId, positionCount });
  }
  return imported;
};

const importFile = async (
  ports: ChunkImportPorts,
  { path, name }: Source,
  progress: Progress,
): Promise<ImportedRecording> => {
  try {
    const { size } = statSync(path);
    return await importChunks(ports, createReadStream(path), {
      name,
      onProgress: ({ bytesRead }) => progress.advance(bytesRead / size),
    });
  } catch (error) {
    throw failure(`${path}: ${error instanceof Error ? error.message : error}`, error);
  }
};

/** What could not be read of a file, and why: the first hundred rows, and the number of others by reason. */
const rejectedLines = (imported: ImportedRecording): string[] => {
  const { recording, rejected, moreRejected = {} } = imported;
  const { rejectedRowCount } = recording;
  if (rejectedRowCount === 0) return [];
  const shown = rejected.map(({ line, problems }) => {
    return `  line ${line}: ${problems.map(sentence).join("; ")}`;
  });
  const more = Object.entries(moreRejected).map(
    ([reason, count]) => `  and ${count.toLocaleString("en")} more: ${reason}`,
  );
  return [`  ${rejectedRowCount} rows could not be read and are left out:`, ...shown, ...more];
};
