import { expect } from "vitest";
import { memoryDeviceStore } from "../../lib/adapters/memory/device-store.ts";
import { memoryQuarantineStore } from "../../lib/adapters/memory/quarantine-store.ts";
import { memoryStreamIdentity } from "../../lib/adapters/memory/stream-identity.ts";
import { memoryTrackStore } from "../../lib/adapters/memory/track-store.ts";
import { zstd } from "../../lib/adapters/zstd.ts";
import { stepDetections } from "../../lib/core/detectors/detectors.ts";
import type { DeviceState } from "../../lib/core/device/device-state.ts";
import type { TrackingPorts } from "../../lib/core/device/track-records.ts";
import { readTrack } from "../../lib/core/track/read-track.ts";
import { deviceTrack } from "../../lib/core/track/track-store.ts";
import { Oracle } from "./oracle.ts";
import { CREATED_MS, type WorldRecord } from "./world.ts";

export const DEVICES = ["device-0", "device-1", "device-2"];

/** Empty stores, and a stream as old as the world. */
export const memoryPorts = (): TrackingPorts => ({
  devices: memoryDeviceStore(),
  tracks: memoryTrackStore(),
  quarantine: memoryQuarantineStore(),
  streams: memoryStreamIdentity(CREATED_MS),
  compression: zstd,
});

type State = Omit<DeviceState, "version">;

/**
 * States, tracks and quarantine equal what the oracle makes of the records; of the states, the part that
 * `compared` leaves.
 */
export const expectWorld = async (
  ports: TrackingPorts,
  world: readonly WorldRecord[],
  compared: (state: State) => State = (state) => state,
): Promise<void> => {
  const states = await ports.devices.load(DEVICES);
  for (const deviceId of DEVICES) {
    const expected = Oracle.expected(deviceId, world);
    const state = states.get(deviceId);
    if (expected === undefined) {
      expect(state).toBeUndefined();
      continue;
    }
    if (state === undefined) throw new Error(`${deviceId} is not known`);
    expect({ ...compared(state), version: 0, tail: [...state.tail] }).toEqual({
      ...compared(expected.state),
      version: 0,
      tail: [...expected.state.tail],
    });
    expect(stepDetections(state.sealedDetections, state.tail)).toEqual(expected.detections);
    const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: Number.MAX_SAFE_INTEGER };
    const { positions } = await readTrack(ports, deviceTrack(deviceId), { ...range, tail: state.tail });
    expect([...positions]).toEqual(expected.track);
  }
  for (const { record, positions } of world) {
    if (positions.length === 0)
      expect(await ports.quarantine.get(record.recordId)).toMatchObject({ data: record.data });
  }
};
