import * as Type from "typebox";
import { MAXIMUM_DEVICES, MAXIMUM_SOURCES } from "../../core/replay/create-replay.ts";
import { MAXIMUM_RATE, MINIMUM_RATE } from "../../core/replay/playback-clock.ts";
import { progressOf, type ReplayProgress } from "../../core/replay/progress.ts";
import { deviceIdsOf, type Replay, type ReplayOptions, type ReplayStatus } from "../../core/replay/replay.ts";
import { DEVICE_ID } from "./device.ts";

/** Path parameters of everything under `/replays/{replayId}`. */
export const REPLAY_PATH = Type.Object({ replayId: Type.String({ minLength: 1, maxLength: 128 }) });

export const RATE = Type.Number({
  minimum: MINIMUM_RATE,
  maximum: MAXIMUM_RATE,
  description: "Recorded seconds per second",
});

const RECORDING_ID = Type.String({ minLength: 1, maxLength: 128 });
const SOURCE = {
  deviceId: Type.Optional(DEVICE_ID),
  copies: Type.Optional(Type.Integer({ minimum: 1, maximum: MAXIMUM_DEVICES })),
};

/** A request for a replay: the body of `POST /replays`, and what a schedule holds. */
export const REPLAY_BODY = Type.Object(
  {
    recordingId: Type.Optional(RECORDING_ID),
    ...SOURCE,
    sources: Type.Optional(
      Type.Array(Type.Object({ recordingId: RECORDING_ID, ...SOURCE }, { additionalProperties: false }), {
        minItems: 1,
        maxItems: MAXIMUM_SOURCES,
      }),
    ),
    rate: Type.Optional(RATE),
    loop: Type.Optional(Type.Boolean()),
    timestamps: Type.Optional(Type.Enum(["now", "original"])),
    start: Type.Optional(Type.Number({ minimum: 0 })),
    end: Type.Optional(Type.Number({ minimum: 0 })),
    allowSharedDevices: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

export const REPLAY_BODY_MEANING =
  "Give either recordingId, optionally with deviceId and copies, or sources. deviceId defaults to the recording's id; " +
  "with copies, the ids end in -1, -2 and so on. start and end are seconds since the first position. With timestamps " +
  "now, each position carries the time at which it is due; original can't be looped. Two sources, or two replays at " +
  "the same time, may not play the same device unless allowSharedDevices is true.";

const PLAYED = {
  recordingId: Type.String(),
  deviceId: Type.String({ description: "The device; with copies, the prefix of the devices' ids" }),
  copies: Type.Integer({ minimum: 1 }),
};

const FIELDS = {
  replayId: Type.String(),
  status: Type.Enum(["playing", "paused", "finished", "failed"]),
  reason: Type.Optional(Type.String({ description: "Why it failed" })),
  rate: RATE,
  loop: Type.Boolean(),
  timestamps: Type.Enum(["now", "original"]),
  start: Type.Number({ description: "Where each iteration begins, seconds since the first position" }),
  end: Type.Number({ description: "Where it ends" }),
  progress: Type.Object({
    offsetSeconds: Type.Number({ description: "Recorded time since the first position" }),
    durationSeconds: Type.Number({ description: "Length of the longest recording" }),
    fraction: Type.Number({
      minimum: 0,
      maximum: 1,
      description: "How much of the part to be played is done",
    }),
    iteration: Type.Integer({ description: "Counting from 0; above 0 only in a loop" }),
    positionsPublished: Type.Integer({ description: "Over all devices" }),
  }),
  createdAt: Type.String({ format: "date-time" }),
  updatedAt: Type.String({ format: "date-time" }),
  links: Type.Object({
    self: Type.String(),
    recording: Type.String({ description: "That of the first source" }),
    device: Type.String({ description: "The first device of the first source" }),
    track: Type.String({ description: "The track of that device" }),
  }),
};

export const REPLAY = Type.Object({
  ...FIELDS,
  sources: Type.Array(Type.Object({ ...PLAYED, deviceIds: Type.Array(Type.String()) })),
});

/** A replay in a listing: of a thousand devices it gives the number, not the ids. */
export const LISTED_REPLAY = Type.Object({ ...FIELDS, sources: Type.Array(Type.Object(PLAYED)) });

interface PlayedJson {
  readonly recordingId: string;
  readonly deviceId: string;
  readonly copies: number;
}

/** A replay as the API answers it. */
export interface ReplayJson extends ReplayOptions {
  readonly replayId: string;
  readonly status: ReplayStatus;
  readonly reason?: string;
  readonly rate: number;
  readonly start: number;
  readonly end: number;
  readonly sources: readonly (PlayedJson & { readonly deviceIds: readonly string[] })[];
  readonly progress: ReplayProgress;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly links: Readonly<Record<"self" | "recording" | "device" | "track", string>>;
}

export const replayPath = (replayId: string): string => `/replays/${encodeURIComponent(replayId)}`;

/** A replay as it stands at `nowMs`. */
export const replayJson = (replay: Replay, nowMs: number): ReplayJson => {
  const { replayId, status, reason, clock, options, timeline } = replay;
  const sources = replay.sources.map(({ recordingId, deviceId, copies }) => ({
    recordingId,
    deviceId,
    copies,
    deviceIds: deviceIdsOf({ deviceId, copies }),
  }));
  const device = `/devices/${encodeURIComponent(sources[0].deviceIds[0])}`;
  return {
    replayId,
    status,
    ...(reason !== undefined && { reason }),
    rate: clock.rate,
    ...options,
    start: timeline.startMs / 1000,
    end: timeline.endMs / 1000,
    sources,
    progress: progressOf(replay, nowMs),
    createdAt: new Date(replay.createdAtMs).toISOString(),
    updatedAt: new Date(replay.updatedAtMs).toISOString(),
    links: {
      self: replayPath(replayId),
      recording: `/recordings/${encodeURIComponent(sources[0].recordingId)}`,
      device,
      track: `${device}/track`,
    },
  };
};

/** A replay as listings answer it. */
export const listedReplayJson = (replay: Replay, nowMs: number) => {
  const { sources, ...rest } = replayJson(replay, nowMs);
  return { ...rest, sources: sources.map(({ deviceIds: _, ...source }) => source) };
};
