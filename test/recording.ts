import type { Recording } from "../lib/core/recording/recording.ts";

/** A recording of a minute, for tests that look at no position of it. */
export const recordingOf = (recordingId: string, overrides: Partial<Recording> = {}): Recording => ({
  recordingId,
  name: recordingId,
  format: "csv",
  contentHash: "00",
  positionCount: 61,
  firstTimestampMs: 1_795_000_000_000,
  lastTimestampMs: 1_795_000_060_000,
  medianIntervalMs: 1_000,
  distanceMeters: 1_000,
  rejectedRowCount: 0,
  duplicateCount: 0,
  createdAtMs: 1_795_100_000_000,
  ...overrides,
});
