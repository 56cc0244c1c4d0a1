import type { DeviceStore } from "../device/device-store.ts";
import type { PositionBuffer } from "../position/position-buffer.ts";
import type { RecordingStore } from "../recording/recording.ts";
import { deviceTrack, recordingTrack, type TrackId } from "../track/track-store.ts";
import { noSuchLink } from "./open-share.ts";
import type { SharedThing } from "./share.ts";

export interface ShownThingPorts {
  readonly devices: Pick<DeviceStore, "load">;
  readonly recordings: Pick<RecordingStore, "get">;
}

/** Where the positions of a shared thing are. */
export interface ShownThing {
  readonly trackId: TrackId;
  /** Of a device. */
  readonly tail?: PositionBuffer;
}

/** Throws NotFoundError, in the words of a link that does not work, when the device or recording is gone. */
export const shownThing = async (
  { devices, recordings }: ShownThingPorts,
  thing: SharedThing,
): Promise<ShownThing> => {
  if (thing.kind === "device") {
    const { deviceId } = thing;
    const state = (await devices.load([deviceId])).get(deviceId);
    if (!state) throw noSuchLink();
    return { trackId: deviceTrack(deviceId), tail: state.tail };
  }
  const recording = await recordings.get(thing.recordingId);
  const isSame = (recording?.epoch ?? 0) === thing.epoch && recording?.createdAtMs === thing.createdAtMs;
  if (!isSame) throw noSuchLink();
  return { trackId: recordingTrack(thing.recordingId, thing.epoch) };
};
