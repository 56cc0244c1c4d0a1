import { ConflictError, type FieldProblem, NotFoundError, VersionConflictError } from "../errors.ts";
import { refuseProblems } from "../field-problems.ts";
import { DEVICE_ID_PATTERN, DEVICE_ID_RULE } from "../identity/device-id.ts";
import { MAXIMUM_AHEAD_MS } from "../position/parse-timestamp.ts";
import type { Recording, RecordingStore } from "../recording/recording.ts";
import { admitReplay } from "./active-replays.ts";
import { rateProblems } from "./change-replay.ts";
import { type ControlPorts, startOrFail } from "./control-replay.ts";
import { deviceIdsOf, type Replay, type ReplayOptions, type ReplaySource } from "./replay.ts";
import type { ReplayStore } from "./replay-store.ts";
import type { Timeline } from "./timeline.ts";

export interface CreatePorts extends ControlPorts {
  readonly recordings: RecordingStore;
  readonly newId: () => string;
}

export interface ReplayRequest {
  readonly sources: readonly SourceRequest[];
  /** 1 by default. */
  readonly rate?: number;
  readonly loop?: boolean;
  /** `now` by default. */
  readonly timestamps?: ReplayOptions["timestamps"];
  /** Where to begin, seconds since the recordings' first positions; 0 by default. */
  readonly startSeconds?: number;
  /** Where to end, inclusive; where the longest recording ends by default. */
  readonly endSeconds?: number;
  /** Else two replays, or two sources of one, may not play the same device at once. */
  readonly allowSharedDevices?: boolean;
}

export interface SourceRequest {
  readonly recordingId: string;
  /** The recording's id by default. */
  readonly deviceId?: string;
  /** 1 by default. More: devices `<deviceId>-1` to `<deviceId>-<copies>`. */
  readonly copies?: number;
}

/**
 * Every device that would be played. Throws InvalidInputError before it makes more of them than a replay may
 * have.
 */
export const requestedDevices = (sources: readonly SourceRequest[]): string[] => {
  refuseProblems(sourceProblems(sources));
  return sources.flatMap(({ recordingId, deviceId = recordingId, copies = 1 }) =>
    deviceIdsOf({ deviceId, copies }),
  );
};

/** The most sources of a replay: each holds two decoded pages of its recording. */
export const MAXIMUM_SOURCES = 20;
/** The most devices of a replay: each costs one record whenever positions are due. */
export const MAXIMUM_DEVICES = 1_000;

/** What a request plays, once it was checked. */
export interface ReplayOutline {
  readonly sources: readonly ReplaySource[];
  readonly timeline: Timeline;
}

/**
 * Checks a request against its recordings, without playing anything. InvalidInputError, NotFoundError for a
 * recording.
 */
export const outlineReplay = async (
  recordings: RecordingStore,
  request: ReplayRequest,
): Promise<ReplayOutline> => {
  refuseProblems([
    ...rateProblems(request.rate ?? 1),
    ...optionProblems(request),
    ...sourceProblems(request.sources),
  ]);
  refuseSharedDevices(request);
  const found = await Promise.all(
    request.sources.map(({ recordingId }) => readRecording(recordings, recordingId)),
  );
  return { sources: request.sources.map(toSource(found)), timeline: timelineOf(found, request) };
};

/**
 * Stores a replay, then starts the workflow that plays it. When that can't be started the replay stays,
 * failed, and `paused: false` tries again. InvalidInputError, NotFoundError for a recording, LimitError,
 * ConflictError when another replay plays one of its devices, what the workflow service throws.
 */
export const createReplay = async (
  ports: CreatePorts,
  request: ReplayRequest,
  keyId?: string,
): Promise<Replay> => {
  const { sources, timeline } = await outlineReplay(ports.recordings, request);
  const nowMs = ports.now();
  if (request.timestamps === "original") refuseFuture(sources, nowMs);
  const made: Replay = {
    replayId: ports.newId(),
    version: 0,
    status: "playing",
    run: 1,
    starting: true,
    sources,
    options: { loop: request.loop ?? false, timestamps: request.timestamps ?? "now" },
    timeline,
    clock: { anchorOffsetMs: 0, anchorWallMs: nowMs, rate: request.rate ?? 1, paused: false },
    nextOffsetMs: 0,
    lastTimestampsMs: sources.map(() => 0),
    positionsPublished: 0,
    playerSeenMs: nowMs,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    ...(keyId !== undefined && { keyId }),
    ...(request.allowSharedDevices && { allowSharedDevices: true }),
  };
  await admitReplay(ports, made, ports.limits);
  const replay = await saveNew(ports.replays, made);
  await startOrFail(ports, replay);
  return replay;
};

/**
 * An id belongs to one request: if it is already stored, then by this request, whose answer was lost, or by
 * another delivery of it.
 */
const saveNew = async (store: ReplayStore, replay: Replay): Promise<Replay> => {
  try {
    return await store.save(replay);
  } catch (error) {
    if (!(error instanceof VersionConflictError)) throw error;
    const stored = await store.get(replay.replayId);
    if (!stored) throw error;
    return stored;
  }
};

const readRecording = async (store: RecordingStore, recordingId: string): Promise<Recording> => {
  const recording = await store.get(recordingId);
  if (!recording) throw new NotFoundError(`recording ${recordingId} does not exist`);
  return recording;
};

/** Whoever follows the stream would refuse its positions, one by one. */
const refuseFuture = (sources: readonly ReplaySource[], nowMs: number): void => {
  const early = sources.find(({ lastTimestampMs }) => lastTimestampMs > nowMs + MAXIMUM_AHEAD_MS);
  if (early === undefined) return;
  const until = new Date(early.lastTimestampMs).toISOString();
  const rule = `must be now: recording ${early.recordingId} reaches to ${until}, which is in the future`;
  refuseProblems([{ field: "timestamps", value: "original", rule }]);
};

const toSource =
  (recordings: readonly Recording[]) =>
  ({ recordingId, deviceId, copies }: SourceRequest, index: number): ReplaySource => ({
    recordingId,
    deviceId: deviceId ?? recordingId,
    copies: copies ?? 1,
    firstTimestampMs: recordings[index].firstTimestampMs,
    lastTimestampMs: recordings[index].lastTimestampMs,
    ...(recordings[index].epoch !== undefined && { epoch: recordings[index].epoch }),
  });

const timelineOf = (
  recordings: readonly Recording[],
  { startSeconds = 0, endSeconds }: ReplayRequest,
): Timeline => {
  const lengths = recordings.map((recording) => recording.lastTimestampMs - recording.firstTimestampMs);
  const durationMs = Math.max(...lengths);
  const startMs = Math.round(startSeconds * 1000);
  const endMs = endSeconds === undefined ? durationMs : Math.round(endSeconds * 1000);
  const tooLate = (ms: number): string =>
    `must be at most ${ms / 1000}: the recording is ${durationMs / 1000} seconds long`;
  if (endMs > durationMs) {
    refuseProblems([{ field: "end", value: endSeconds, rule: tooLate(durationMs) }]);
  }
  if (startMs > endMs) refuseProblems([{ field: "start", value: startSeconds, rule: tooLate(endMs) }]);
  // The gap keeps the last position of one iteration and the first of the next apart, as two positions
  // usually are.
  const gapMs = Math.max(1, ...recordings.map(({ medianIntervalMs }) => medianIntervalMs));
  return { startMs, endMs, durationMs, periodMs: endMs - startMs + gapMs };
};

const optionProblems = ({ loop, timestamps, startSeconds, endSeconds }: ReplayRequest): FieldProblem[] => {
  const problems: FieldProblem[] = [];
  if (loop && timestamps === "original") {
    problems.push({
      field: "loop",
      value: true,
      rule: "would send only duplicates with original timestamps",
    });
  }
  for (const [field, value] of Object.entries({ start: startSeconds, end: endSeconds })) {
    if (value !== undefined && !(value >= 0)) {
      problems.push({ field, value, rule: "must be a number of seconds, 0 or more" });
    }
  }
  return problems;
};

const sourceProblems = (sources: readonly SourceRequest[]): FieldProblem[] => {
  if (sources.length < 1 || sources.length > MAXIMUM_SOURCES) {
    return [{ field: "sources", value: sources.length, rule: `must be 1 to ${MAXIMUM_SOURCES}` }];
  }
  const problems: FieldProblem[] = [];
  let devices = 0;
  for (const { recordingId, deviceId = recordingId, copies = 1 } of sources) {
    devices += copies;
    if (!Number.isInteger(copies) || copies < 1 || devices > MAXIMUM_DEVICES) {
      const rule = `must be a whole number of at least 1, and a replay has at most ${MAXIMUM_DEVICES} devices`;
      return [...problems, { field: "copies", value: copies, rule }];
    }
    for (const id of deviceIdsOf({ deviceId, copies })) {
      if (!DEVICE_ID_PATTERN.test(id)) problems.push({ field: "deviceId", value: id, rule: DEVICE_ID_RULE });
    }
  }
  return problems.slice(0, MAXIMUM_SOURCES);
};

const refuseSharedDevices = ({ sources, allowSharedDevices }: ReplayRequest): void => {
  if (allowSharedDevices) return;
  const seen = new Set<string>();
  for (const deviceId of requestedDevices(sources)) {
    if (!seen.has(deviceId)) seen.add(deviceId);
    else {
      const rule = "must not be played by two sources, unless allowSharedDevices says so";
      throw new ConflictError(`deviceId ${rule}`, {
        problems: [{ field: "deviceId", value: deviceId, rule }],
      });
    }
  }
};
