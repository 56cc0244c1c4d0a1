import type { Clock } from "../clock.ts";
import {
  ConflictError,
  type FieldProblem,
  InvalidInputError,
  NotFoundError,
  TooLargeError,
} from "../errors.ts";
import type { FileSource, OpenFile } from "../files/file-source.ts";
import { inTimeOrder } from "../position/in-time-order.ts";
import { PositionBuffer } from "../position/position-buffer.ts";
import type { SegmentCompression } from "../segment/compression.ts";
import type { ImportProgress, ImportResult, ImportTask, TaskStore } from "../task/task.ts";
import { recordingTrack, type TrackStore } from "../track/track-store.ts";
import {
  beginImport,
  checkName,
  endImport,
  type RejectedRow,
  recordingIdOf,
  refuseEmpty,
} from "./import-recording.ts";
import type { Recording, RecordingStore } from "./recording.ts";
import { onlyTrack, type RecordingReader } from "./recording-reader.ts";
import { RecordingWriter } from "./recording-writer.ts";

/*
 * An import reads the file twice: first it checks all of it and writes nothing, then it stores it block by
 * block. So a bad file leaves nothing behind, and memory does not grow with the file.
 */

export interface CheckPorts {
  readonly files: FileSource;
  readonly reader: RecordingReader;
  readonly tasks: TaskStore;
  readonly now: Clock;
  /** Raises ConflictError when there is no room for so many more positions; without it there always is. */
  readonly checkRoom?: (adding: number) => Promise<void>;
}

export interface StorePorts extends CheckPorts {
  readonly recordings: RecordingStore;
  readonly tracks: TrackStore;
  readonly compression: SegmentCompression;
}

/** What the first reading found, for the second one; small for any file. */
export interface FileSurvey {
  readonly recordingId: string;
  readonly name: string;
  /** `csv`, for example. */
  readonly format: string;
  /** SHA-256, hexadecimal. */
  readonly contentHash: string;
  /** No row is earlier than the one before. */
  readonly isInOrder: boolean;
  readonly rejectedRowCount: number;
  /** The first hundred. */
  readonly rejected: readonly RejectedRow[];
  /** How many more there are, by reason; absent when all are listed. */
  readonly moreRejected?: Readonly<Record<string, number>>;
}

/** Can be read well within a function's time limit. */
export const MAXIMUM_FILE_BYTES = 2 * 1024 ** 3;
/** Unsorted rows are sorted in memory: about 60 MB each for them and for the sorted ones. */
export const MAXIMUM_UNORDERED_POSITIONS = 1_000_000;
const PROGRESS_MS = 2_000;

/**
 * Reads all of a task's file. Throws InvalidInputError, UnsupportedFormatError or TooLargeError for a file
 * that is not a recording, and NotFoundError.
 */
export const checkFile = async (ports: CheckPorts, taskId: string): Promise<FileSurvey> => {
  const task = await importTask(ports, taskId);
  const name = nameOf(task);
  let positionCount = 0;
  let lastTimestampMs = Number.NEGATIVE_INFINITY;
  let isInOrder = true;
  const read = await readFile(ports, task, "checking", ({ timestampsMs, count }) => {
    positionCount += count;
    for (let index = 0; index < count; index++) {
      if (timestampsMs[index] < lastTimestampMs) isInOrder = false;
      lastTimestampMs = timestampsMs[index];
    }
    if (!isInOrder && positionCount > MAXIMUM_UNORDERED_POSITIONS) throw notSorted();
  });
  refuseEmpty(positionCount, read);
  await ports.checkRoom?.(positionCount);
  return {
    recordingId: await recordingIdOf(name, read.contentHash),
    name,
    format: read.format,
    contentHash: read.contentHash,
    isInOrder,
    rejectedRowCount: read.rejectedRowCount,
    rejected: read.rejected,
    ...(read.moreRejected && { moreRejected: read.moreRejected }),
  };
};

/**
 * Stores a file that was checked: the segments, then the item, so that a readable recording is complete.
 * Repeating it completes what broke off and changes nothing else. Throws ConflictError when the file has
 * changed, VersionConflictError when the recording was deleted meanwhile (try again), and NotFoundError.
 */
export const storeFile = async (
  ports: StorePorts,
  taskId: string,
  survey: FileSurvey,
): Promise<ImportResult> => {
  const task = await importTask(ports, taskId);
  const { recordingId, name, contentHash, rejectedRowCount } = survey;
  const epoch = await beginImport(ports, recordingId);
  const trackId = recordingTrack(recordingId, epoch);
  const writer = new RecordingWriter(ports, trackId);
  const unordered = new PositionBuffer();
  let spreadCount = 0;
  try {
    const { contentHash: hash, spreadCount: spread } = await readFile(ports, task, "storing", (positions) =>
      survey.isInOrder ? writer.append(positions) : unordered.append(positions),
    );
    spreadCount = spread;
    if (hash !== contentHash) throw new ConflictError("the file changed while it was imported");
  } catch (error) {
    // What was written does not belong to this recording. After any other error it does, and a retry
    // completes it.
    const isGarbage = error instanceof ConflictError && !(await ports.recordings.get(recordingId));
    if (isGarbage) await ports.tracks.remove(trackId);
    throw error;
  }
  if (!survey.isInOrder) await writer.append(inTimeOrder(unordered));
  const totals = await writer.finish();
  const recording: Recording = {
    recordingId,
    name,
    format: survey.format,
    contentHash,
    ...totals,
    ...(spreadCount > 0 && { spreadCount }),
    rejectedRowCount,
    createdAtMs: ports.now(),
    ...(epoch > 0 && { epoch }),
  };
  const stored = await endImport(ports, recording);
  return resultOf(stored.recording, stored.created, survey);
};

const importTask = async ({ tasks, now }: CheckPorts, taskId: string): Promise<ImportTask> => {
  const task = await tasks.get(taskId, now());
  if (task?.kind !== "import") throw new NotFoundError(`there is no import ${taskId}`);
  return task;
};

/** A recording is called as its file is. */
const nameOf = ({ file: { key } }: ImportTask): string => checkName(key.slice(key.lastIndexOf("/") + 1));

const readFile = async (
  ports: CheckPorts,
  task: ImportTask,
  step: ImportProgress["step"],
  take: (positions: PositionBuffer) => void | Promise<void>,
) => {
  const opened = await ports.files.open(task.file);
  refuseSize(opened);
  // Both readings, and all their retries, check timestamps by the same clock.
  const chunks = tellingProgress(ports, task.taskId, step, opened);
  return ports.reader.read(chunks, task.requestedAtMs, onlyTrack(take));
};

const refuseSize = ({ sizeBytes }: OpenFile): void => {
  if (sizeBytes <= MAXIMUM_FILE_BYTES) return;
  const rule = `must have at most ${MAXIMUM_FILE_BYTES / 1024 ** 2} MB`;
  throw new TooLargeError(`the file ${rule}, but has ${Math.ceil(sizeBytes / 1024 ** 2)} MB: split it`, {
    problems: [{ field: "file", value: sizeBytes, rule }],
  });
};

async function* tellingProgress(
  { tasks, now }: CheckPorts,
  taskId: string,
  step: ImportProgress["step"],
  { chunks, sizeBytes }: OpenFile,
): AsyncGenerator<Uint8Array> {
  let bytesRead = 0;
  let toldMs = Number.NEGATIVE_INFINITY;
  for await (const chunk of chunks) {
    if (now() - toldMs >= PROGRESS_MS) {
      await tasks.advance(taskId, { step, bytesRead, sizeBytes });
      toldMs = now();
    }
    yield chunk;
    bytesRead += chunk.length;
  }
  await tasks.advance(taskId, { step, bytesRead, sizeBytes });
}

const resultOf = (
  { recordingId, positionCount, duplicateCount, conflictCount, spreadCount, rejectedRowCount }: Recording,
  created: boolean,
  { rejected, moreRejected }: Pick<FileSurvey, "rejected" | "moreRejected">,
): ImportResult => ({
  recordingId,
  created,
  positionCount,
  duplicateCount,
  ...(conflictCount !== undefined && { conflictCount }),
  ...(spreadCount !== undefined && { spreadCount }),
  rejectedRowCount,
  rejected,
  ...(moreRejected && { moreRejected }),
});

const notSorted = (): InvalidInputError => {
  const rule = `must be in time order in a file of more than ${MAXIMUM_UNORDERED_POSITIONS} positions`;
  const problem: FieldProblem = { field: "timestamp", rule };
  return new InvalidInputError(`timestamp ${rule}: sort it, or split it`, { problems: [problem] });
};
