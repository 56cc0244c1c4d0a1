import { inputErrorOf } from "../field-problems.ts";
import type { ReplayRequest, SourceRequest } from "./create-replay.ts";

/** How a replay is asked for in JSON: the body of `POST /replays`, and what a schedule holds. */
export interface ReplayBody {
  readonly recordingId?: string;
  readonly deviceId?: string;
  readonly copies?: number;
  readonly sources?: readonly SourceRequest[];
  readonly rate?: number;
  readonly loop?: boolean;
  readonly timestamps?: "now" | "original";
  readonly start?: number;
  readonly end?: number;
  readonly allowSharedDevices?: boolean;
}

/**
 * A single recording can be given without a list. Throws InvalidInputError when it is not clear what to play.
 */
export const toReplayRequest = ({ start, end, ...body }: ReplayBody): ReplayRequest => {
  const { recordingId, deviceId, copies, sources, ...options } = body;
  const playing = { ...options, startSeconds: start, endSeconds: end };
  if (sources === undefined) {
    if (recordingId === undefined)
      throw inputErrorOf({ field: "recordingId", rule: "is missing: give it, or sources" });
    return { ...playing, sources: [{ recordingId, deviceId, copies }] };
  }
  for (const [field, value] of Object.entries({ recordingId, deviceId, copies })) {
    if (value !== undefined)
      throw inputErrorOf({ field, rule: "must be in each of the sources when there are sources" });
  }
  return { ...playing, sources };
};
