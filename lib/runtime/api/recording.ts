import * as Type from "typebox";
import type { Recording } from "../../core/recording/recording.ts";

/** How many positions lost to another one with the same timestamp. */
export const CONFLICT_COUNT = Type.Integer({
  description:
    "How many rows repeat a timestamp at a different place; the first such row is kept. " +
    "Absent when there are none",
});

/** How many positions were given a timestamp of their own. */
export const SPREAD_COUNT = Type.Integer({
  description:
    "Rows that share a whole second but not a place, and were spread evenly over that second; absent when there are none",
});

/** Path parameters of everything under `/recordings/{recordingId}`. */
export const RECORDING_PATH = Type.Object({ recordingId: Type.String({ minLength: 1, maxLength: 128 }) });

const FIELDS = {
  recordingId: Type.String(),
  name: Type.String(),
  format: Type.String(),
  positionCount: Type.Integer(),
  firstTimestamp: Type.String({ format: "date-time" }),
  lastTimestamp: Type.String({ format: "date-time" }),
  durationSeconds: Type.Number(),
  distanceMeters: Type.Number(),
  rejectedRowCount: Type.Integer({ description: "Rows of the file that could not be read" }),
  duplicateCount: Type.Integer({ description: "Rows that repeat another row's timestamp" }),
  conflictCount: Type.Optional(CONFLICT_COUNT),
  spreadCount: Type.Optional(SPREAD_COUNT),
  contentHash: Type.String({ description: "SHA-256 of the file" }),
  createdAt: Type.String({ format: "date-time" }),
};

export const RECORDING = Type.Object(FIELDS);

/** The first rows of a file that could not be read. */
export const REJECTED_ROWS = Type.Array(
  Type.Object({
    line: Type.Integer({ description: "Line of the file, counting from 1" }),
    problems: Type.Array(
      Type.Object({ field: Type.String(), value: Type.Optional(Type.Unknown()), rule: Type.String() }),
    ),
  }),
  { description: "The first rows that could not be read, up to 100" },
);

/** Of the rows that are not listed one by one. */
export const MORE_REJECTED = Type.Optional(
  Type.Record(Type.String(), Type.Integer(), {
    description: "How many more rows could not be read, by reason; absent when `rejected` lists them all",
  }),
);

export const IMPORTED_RECORDING = Type.Object({
  ...FIELDS,
  rejected: REJECTED_ROWS,
  moreRejected: MORE_REJECTED,
});

export const recordingPath = (recordingId: string): string =>
  `/recordings/${encodeURIComponent(recordingId)}`;

/** A recording as the API answers it. */
export const recordingJson = (recording: Recording) => {
  const { firstTimestampMs, lastTimestampMs } = recording;
  return {
    recordingId: recording.recordingId,
    name: recording.name,
    format: recording.format,
    positionCount: recording.positionCount,
    firstTimestamp: new Date(firstTimestampMs).toISOString(),
    lastTimestamp: new Date(lastTimestampMs).toISOString(),
    durationSeconds: (lastTimestampMs - firstTimestampMs) / 1000,
    // To the centimetre, like positions.
    distanceMeters: Math.round(recording.distanceMeters * 100) / 100,
    rejectedRowCount: recording.rejectedRowCount,
    duplicateCount: recording.duplicateCount,
    ...(recording.conflictCount !== undefined && { conflictCount: recording.conflictCount }),
    ...(recording.spreadCount !== undefined && { spreadCount: recording.spreadCount }),
    contentHash: recording.contentHash,
    createdAt: new Date(recording.createdAtMs).toISOString(),
  };
};
