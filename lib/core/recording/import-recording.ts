import type { Clock } from "../clock.ts";
import { type FieldProblem, InvalidInputError, VersionConflictError } from "../errors.ts";
import { inTimeOrder } from "../position/in-time-order.ts";
import type { PositionBuffer } from "../position/position-buffer.ts";
import type { SegmentCompression } from "../segment/compression.ts";
import { sha256 } from "../sha256.ts";
import { recordingTrack, type TrackStore } from "../track/track-store.ts";
import type { Recording, RecordingStore } from "./recording.ts";
import { RecordingWriter } from "./recording-writer.ts";

export interface ImportPorts {
  readonly recordings: RecordingStore;
  readonly tracks: TrackStore;
  readonly compression: SegmentCompression;
  /** Raises ConflictError when there is no room for so many more positions; without it there always is. */
  readonly checkRoom?: (adding: number) => Promise<void>;
  readonly now: Clock;
}

/** What an adapter read from a file. */
export interface RecordingFile {
  /** `csv`, for example. */
  readonly format: string;
  /** SHA-256 of the file's bytes, hexadecimal. */
  readonly contentHash: string;
  /** In any order. */
  readonly positions: PositionBuffer;
  /** The first of the rows that could not be read. */
  readonly rejected: readonly RejectedRow[];
  readonly rejectedRowCount: number;
  /** How many more there are, by reason; absent when all are listed. */
  readonly moreRejected?: Readonly<Record<string, number>>;
  /** Positions that were given a time of their own inside their second: see spreadSeconds. */
  readonly spreadCount: number;
}

export interface RejectedRow {
  /** Line of the file, from 1. */
  readonly line: number;
  readonly problems: readonly FieldProblem[];
}

export interface ImportedRecording {
  readonly recording: Recording;
  /** False when the same file was imported before under the same name. */
  readonly created: boolean;
  readonly rejected: readonly RejectedRow[];
  /** How many more there are, by reason; absent when all are listed. */
  readonly moreRejected?: Readonly<Record<string, number>>;
}

/** An attempt fails when the same recording is deleted at the same time. */
const MAXIMUM_ATTEMPTS = 5;
const MAXIMUM_NAME_LENGTH = 200;
const SLUG_LENGTH = 40;
const HASH_LENGTH = 12;

/**
 * Stores a file's positions as a recording, in time order; of several with one timestamp, the first. Segments
 * are written before the item, and both depend only on name and content, so repeating an interrupted import
 * completes it, and repeating a complete one changes nothing. Without a name it is named after its first day.
 * Throws InvalidInputError when the file has no position that can be read.
 */
export const importRecording = async (
  ports: ImportPorts,
  file: RecordingFile,
  givenName?: string,
): Promise<ImportedRecording> => {
  refuseEmpty(file.positions.count, file);
  const positions = inTimeOrder(file.positions);
  const firstTimestampMs = positions.timestampsMs[0];
  const name = checkName(givenName ?? `Drive of ${new Date(firstTimestampMs).toISOString().slice(0, 10)}`);
  const recordingId = await recordingIdOf(name, file.contentHash);
  const { rejected, moreRejected } = file;
  const told = { rejected, ...(moreRejected && { moreRejected }) };
  for (let attempt = 1; ; attempt++) {
    const known = await ports.recordings.get(recordingId);
    if (known) return { recording: known, created: false, ...told };
    await ports.checkRoom?.(positions.count);
    const epoch = await beginImport(ports, recordingId);
    const writer = new RecordingWriter(ports, recordingTrack(recordingId, epoch));
    await writer.append(positions);
    const recording: Recording = {
      recordingId,
      name,
      format: file.format,
      contentHash: file.contentHash,
      ...(await writer.finish()),
      rejectedRowCount: file.rejectedRowCount,
      ...(file.spreadCount > 0 && { spreadCount: file.spreadCount }),
      createdAtMs: ports.now(),
      ...(epoch > 0 && { epoch }),
    };
    try {
      return { ...(await endImport(ports, recording)), ...told };
    } catch (error) {
      if (!(error instanceof VersionConflictError) || attempt === MAXIMUM_ATTEMPTS) throw error;
    }
  }
};

/** The epoch to write. First removes what an interrupted deletion left behind. */
export const beginImport = async (
  { recordings, tracks }: Pick<ImportPorts, "recordings" | "tracks">,
  recordingId: string,
): Promise<number> => {
  const { epoch, grave } = await recordings.epochOf(recordingId);
  if (grave && !grave.isSwept) {
    await tracks.remove(recordingTrack(recordingId, grave.epoch));
    await recordings.swept(recordingId, grave);
  }
  return epoch;
};

/**
 * Publishes a recording whose positions are written. If two imports of one file run at once, the first
 * counts. If the recording was deleted in between, some of its positions are gone: removes the rest and
 * throws VersionConflictError, so that it is imported again.
 */
export const endImport = async (
  { recordings, tracks }: Pick<ImportPorts, "recordings" | "tracks">,
  recording: Recording,
): Promise<Omit<ImportedRecording, "rejected">> => {
  const { recordingId, epoch = 0 } = recording;
  const known = await recordings.get(recordingId);
  if (known && (known.epoch ?? 0) === epoch) return { recording: known, created: false };
  try {
    await recordings.put(recording);
    return { recording, created: true };
  } catch (error) {
    if (error instanceof VersionConflictError) await tracks.remove(recordingTrack(recordingId, epoch));
    throw error;
  }
};

/**
 * Throws InvalidInputError, with the first rows' problems, for a file without a position that can be read.
 */
export const refuseEmpty = (
  positionCount: number,
  { rejected, rejectedRowCount }: Pick<RecordingFile, "rejected" | "rejectedRowCount">,
): void => {
  if (positionCount > 0) return;
  if (rejectedRowCount === 0) throw new InvalidInputError("the file has a header and no rows");
  const problems = rejected.flatMap((row) => row.problems);
  const { field, rule } = problems[0];
  throw new InvalidInputError(
    `none of the file's ${rejectedRowCount} rows is a position; line ${rejected[0].line}: ${field} ${rule}`,
    { problems },
  );
};

export const checkName = (name: string): string => {
  const trimmed = name.trim();
  if (trimmed.length > 0 && trimmed.length <= MAXIMUM_NAME_LENGTH) return trimmed;
  const rule = `must have 1 to ${MAXIMUM_NAME_LENGTH} characters`;
  throw new InvalidInputError(`name ${rule}`, {
    problems: [{ field: "name", value: trimmed.slice(0, 50), rule }],
  });
};

/**
 * `<name>-<hash>`: readable, safe in a path and as a device id, and always the same for the same name and
 * content.
 */
export const recordingIdOf = async (name: string, contentHash: string): Promise<string> => {
  const stem = name.replace(/\.\w{1,5}$/, "").toLowerCase();
  const slug = stem
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, SLUG_LENGTH)
    .replace(/^-+|-+$/g, "");
  const hash = await sha256(`${name}\n${contentHash}`);
  return `${slug || "recording"}-${hash.slice(0, HASH_LENGTH)}`;
};
