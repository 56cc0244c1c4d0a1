import { VersionConflictError } from "../../core/errors.ts";
import type { Grave, Recording, RecordingStore } from "../../core/recording/recording.ts";
import { pageOf } from "./paging.ts";

interface Stored {
  /** Which the next recording has, or this one. */
  readonly epoch: number;
  readonly recording?: Recording;
  readonly grave?: Grave;
}

/** A recordings table in memory. Graves stay for good. */
export const memoryRecordingStore = (): RecordingStore => {
  const stored = new Map<string, Stored>();
  return {
    async put(recording) {
      const { recordingId, epoch = 0 } = recording;
      if ((stored.get(recordingId)?.epoch ?? 0) !== epoch) {
        throw new VersionConflictError(`recording ${recordingId} was deleted while it was imported`);
      }
      stored.set(recordingId, { epoch, recording: structuredClone(recording) });
    },
    async get(recordingId) {
      return structuredClone(stored.get(recordingId)?.recording);
    },
    async epochOf(recordingId) {
      const { epoch = 0, grave } = stored.get(recordingId) ?? {};
      return { epoch, ...(grave && { grave }) };
    },
    async list(request) {
      const recordings = [...stored].flatMap(([id, { recording }]): [string, Recording][] =>
        recording ? [[id, recording]] : [],
      );
      return pageOf(new Map(recordings), "recordingId", request, (recording) => structuredClone(recording));
    },
    async bury(recordingId) {
      const { epoch = 0, recording, grave } = stored.get(recordingId) ?? {};
      if (!recording) return grave;
      const dug: Grave = { epoch, isSwept: false };
      stored.set(recordingId, { epoch: epoch + 1, grave: dug });
      return dug;
    },
    async swept(recordingId, { epoch }) {
      const { epoch: present, grave } = stored.get(recordingId) ?? {};
      if (grave && present === epoch + 1) {
        stored.set(recordingId, { epoch: present, grave: { epoch, isSwept: true } });
      }
    },
  };
};
