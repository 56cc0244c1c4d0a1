import { NOTHING_DETECTED, stepDetections } from "../../lib/core/detectors/detectors.ts";
import type { DeviceState } from "../../lib/core/device/device-state.ts";
import type { TrackingPorts } from "../../lib/core/device/track-records.ts";
import { advanceDistance } from "../../lib/core/motion/distance.ts";
import { PositionBuffer } from "../../lib/core/position/position-buffer.ts";
import { encodeSegment } from "../../lib/core/segment/segment.ts";
import { deviceTrack, type SealedSegment, type TrackId } from "../../lib/core/track/track-store.ts";

/** A design that looks right but is wrong, made by altering what goes to and comes from the stores. */
export interface WrongDesign {
  readonly name: string;
  readonly of: (ports: TrackingPorts) => TrackingPorts;
  /** Any seed finds it in the end; with this one the first cases do. The default is 1. */
  readonly seed?: number;
}

export const withLoaded =
  (change: (state: DeviceState) => DeviceState) =>
  (ports: TrackingPorts): TrackingPorts => ({
    ...ports,
    devices: {
      ...ports.devices,
      async load(deviceIds) {
        const states = await ports.devices.load(deviceIds);
        return new Map([...states].map(([deviceId, state]) => [deviceId, change(state)]));
      },
    },
  });

const withoutFence = ({ fence, ...state }: DeviceState): DeviceState => state;

const withFenceOneLower = (state: DeviceState): DeviceState =>
  state.fence === undefined
    ? state
    : {
        ...state,
        fence: { ...state.fence, sequenceNumber: String(BigInt(state.fence.sequenceNumber) - 1n) },
      };

const withoutDetections = (state: DeviceState): DeviceState => ({
  ...state,
  sealedDetections: NOTHING_DETECTED,
});

/**
 * The tail's contribution is kept as if it were sealed, and the same positions are folded again when they are
 * sealed.
 */
const detectingTwice = (ports: TrackingPorts): TrackingPorts => ({
  ...ports,
  devices: {
    ...ports.devices,
    save: (state) =>
      ports.devices.save({
        ...state,
        sealedDetections: stepDetections(state.sealedDetections, state.tail),
      }),
  },
});

/** Puts wait until the state is saved; occasionally the process dies in between. */
const stateBeforeSegments = (ports: TrackingPorts): TrackingPorts => {
  const waiting = new Map<TrackId, SealedSegment[]>();
  let saves = 0;
  return {
    ...ports,
    tracks: {
      ...ports.tracks,
      async put(trackId, segments) {
        waiting.set(trackId, [...(waiting.get(trackId) ?? []), ...segments]);
      },
    },
    devices: {
      ...ports.devices,
      async save(state) {
        await ports.devices.save(state);
        const trackId = deviceTrack(state.deviceId);
        const segments = waiting.get(trackId) ?? [];
        waiting.delete(trackId);
        if (++saves % 5 === 0 && segments.length > 0) throw new Error("the process died");
        await ports.tracks.put(trackId, segments);
      },
    },
  };
};

/** At the end of each batch all positions except the newest are sealed, full or not. */
const sealingByBatch = (ports: TrackingPorts): TrackingPorts => ({
  ...ports,
  devices: {
    ...ports.devices,
    async save(state) {
      const last = state.tail.count - 1;
      if (last < 1) return ports.devices.save(state);
      const { timestampsMs } = state.tail;
      const sealed: SealedSegment = {
        kind: "sealed",
        firstTimestampMs: timestampsMs[0],
        lastTimestampMs: timestampsMs[last - 1],
        positionCount: last,
        data: encodeSegment(state.tail, 0, last),
      };
      await ports.tracks.put(deviceTrack(state.deviceId), [sealed]);
      const tail = new PositionBuffer();
      tail.append(state.tail, last);
      await ports.devices.save({
        ...state,
        tail,
        sealedUntilMs: timestampsMs[last - 1],
        sealedDistance: advanceDistance(state.sealedDistance, state.tail, 0, last),
      });
    },
  },
});

/** The last save wins. */
const savingWithoutCondition = (ports: TrackingPorts): TrackingPorts => ({
  ...ports,
  devices: {
    ...ports.devices,
    async save(state) {
      const stored = (await ports.devices.load([state.deviceId])).get(state.deviceId);
      await ports.devices.save({ ...state, version: stored?.version ?? 0 });
    },
  },
});

/** Late positions are stored and counted without a look at the track. */
const lateUnchecked = (ports: TrackingPorts): TrackingPorts => ({
  ...ports,
  tracks: { ...ports.tracks, async *segments() {} },
});

/**
 * The look-up on the track sees what this same record stored before the crash, and takes it for another's.
 */
const lateSeesItself = (ports: TrackingPorts): TrackingPorts => ({
  ...ports,
  tracks: {
    ...ports.tracks,
    async *segments(trackId, range) {
      for await (const segment of ports.tracks.segments(trackId, range)) {
        yield segment.kind === "late" ? { ...segment, bringers: new Uint8Array() } : segment;
      }
    },
  },
});

/** The time is the whole key of a sealed segment, and the last put wins. */
export const sealedKeyedByTime: WrongDesign = {
  name: "sealed segments that another one with the same time overwrites",
  of: (ports) => ({
    ...ports,
    tracks: {
      ...ports.tracks,
      put: (trackId, segments) =>
        ports.tracks.put(
          trackId,
          segments.map((segment) => ({ ...segment, digest: "" })),
        ),
    },
  }),
};

/** A look back takes the newest sealed segment before the range, as if none could overlap. */
export const readerWithoutOverlap: WrongDesign = {
  name: "a reader that assumes that sealed segments never overlap",
  of: (ports) => ({
    ...ports,
    tracks: {
      ...ports.tracks,
      put: (trackId, segments) =>
        ports.tracks.put(
          trackId,
          segments.map(({ sealedAfterMs: _, ...segment }) => segment),
        ),
    },
  }),
};

/** The look-up on the track trusts every sealed segment, even one that a crashed attempt left behind. */
export const orphansBelieved: WrongDesign = {
  name: "a sealed segment that no state knows counts as the track",
  of: (ports) => ({
    ...ports,
    tracks: {
      ...ports.tracks,
      put: (trackId, segments) =>
        ports.tracks.put(
          trackId,
          segments.map(({ sealedBy: _, ...segment }) => segment),
        ),
    },
  }),
};

/** Only the stream's name says which numbering a record belongs to. */
export const fenceWithoutIncarnation: WrongDesign = {
  name: "a fence that does not name the stream's incarnation",
  of: (ports) => ({ ...ports, streams: { createdAtMs: async () => 0 } }),
};

export const WRONG_DESIGNS: readonly WrongDesign[] = [
  { name: "no fence", of: withLoaded(withoutFence) },
  { name: "a fence that lets its own record pass (< for <=)", of: withLoaded(withFenceOneLower) },
  { name: "the state is saved before the segments", of: stateBeforeSegments },
  { name: "sealing where the batch was cut", of: sealingByBatch },
  { name: "saving without a condition on the version", of: savingWithoutCondition, seed: 18 },
  { name: "late positions are not looked up on the track", of: lateUnchecked },
  { name: "late positions find themselves on the track", of: lateSeesItself },
  { name: "detectors that start again with each batch", of: withLoaded(withoutDetections), seed: 13 },
  { name: "detectors that treat the tail as sealed", of: detectingTwice },
];
