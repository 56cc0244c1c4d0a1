import type { Recording, RecordingStore } from "../../core/recording/recording.ts";
import { pageOf } from "./paging.ts";

/** A recordings table in memory. */
export const memoryRecordingStore = (): RecordingStore => {
  const recordings = new Map<string, Recording>();
  return {
    async put(recording) {
      recordings.set(recording.recordingId, structuredClone(recording));
    },
    async get(recordingId) {
      return structuredClone(recordings.get(recordingId));
    },
    async list(request) {
      return pageOf(recordings, "recordingId", request, (recording) => structuredClone(recording));
    },
    async remove(recordingId) {
      recordings.delete(recordingId);
    },
  };
};
