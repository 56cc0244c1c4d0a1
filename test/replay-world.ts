import { memoryRecordingStore } from "../lib/adapters/memory/recording-store.ts";
import { memoryReplayStore } from "../lib/adapters/memory/replay-store.ts";
import { memoryWorkflowStarter } from "../lib/adapters/memory/workflow-starter.ts";
import { UnavailableError } from "../lib/core/errors.ts";
import type { Recording } from "../lib/core/recording/recording.ts";
import type { Replay } from "../lib/core/replay/replay.ts";
import { claimPorts } from "./claims.ts";
import { replayOf, START_MS } from "./replay-simulation.ts";

export const NOW_MS = START_MS + 60_000;
const DURATION_SECONDS = 1_443;

const recording = (recordingId: string, seconds = DURATION_SECONDS): Recording => ({
  recordingId,
  name: recordingId,
  format: "csv",
  contentHash: "",
  positionCount: 1_316,
  firstTimestampMs: 1_000,
  lastTimestampMs: 1_000 + seconds * 1_000,
  medianIntervalMs: 1_000,
  distanceMeters: 1,
  rejectedRowCount: 0,
  duplicateCount: 0,
  createdAtMs: 0,
});

/** Ports in memory with two recordings; `store` writes a replay unchanged. */
export const world = async () => {
  const replays = memoryReplayStore();
  const recordings = memoryRecordingStore();
  const workflows = memoryWorkflowStarter();
  let ids = 0;
  const ports = {
    replays,
    recordings,
    workflows,
    ...claimPorts(),
    now: () => NOW_MS,
    newId: () => `replay-${++ids}`,
  };
  await recordings.put(recording("drive"));
  await recordings.put(recording("walk", 100));
  const store = (overrides: Partial<Replay>) => replays.save({ ...replayOf([0, 10_000]), ...overrides });
  return { ...ports, ports, store };
};

/** A workflow service that does not answer. */
export const deadWorkflows = {
  start: async () => {
    throw new UnavailableError("no answer");
  },
};
