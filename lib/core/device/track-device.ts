import { VersionConflictError } from "../errors.ts";
import type { QuarantineStore } from "../quarantine/quarantine.ts";
import type { StreamIdentity } from "../stream/stream-identity.ts";
import { deviceTrack, type TrackStore } from "../track/track-store.ts";
import { advance, withLatePositions } from "./advance.ts";
import { type DeviceOutcome, NOTHING_DONE } from "./device-outcome.ts";
import { type DeviceState, unheardDevice } from "./device-state.ts";
import type { DeviceStore } from "./device-store.ts";
import type { Erasures } from "./erasure-mark.ts";
import { type ReadPorts, readRecord, type TrackedRecord } from "./read-record.ts";
import { recordsToApply } from "./records-to-apply.ts";
import { returnFromFuture } from "./return-from-future.ts";
import { inDoubt, setAside, wholeAside } from "./set-aside.ts";
import { storeLate } from "./store-late.ts";

export type { TrackedRecord } from "./read-record.ts";

export interface TrackingPorts extends ReadPorts {
  readonly devices: DeviceStore;
  readonly tracks: TrackStore;
  readonly quarantine: QuarantineStore;
  readonly streams: StreamIdentity;
  /** Absent where nothing is ever erased. */
  readonly erasures?: Erasures;
  /** Why a new device can't begin; without it, or where it finds no reason, each can. */
  readonly whyNoDevice?: (deviceId: string) => Promise<string | undefined>;
}

/** Another consumer has the same device only while a shard changes hands; it does not last. */
const MAXIMUM_ATTEMPTS = 5;

/**
 * Applies records of one device, in the stream's order, to the loaded state. If another writer saved in
 * between, loads its state and starts over. Throws what the stores throw; nothing is lost then, and the same
 * records must be delivered again.
 */
export const trackDevice = async (
  ports: TrackingPorts,
  loaded: DeviceState,
  records: readonly TrackedRecord[],
): Promise<DeviceOutcome> => {
  let state = loaded;
  for (let attempt = 1; ; attempt++) {
    try {
      return await applyRecords(ports, state, records);
    } catch (error) {
      if (!(error instanceof VersionConflictError) || attempt === MAXIMUM_ATTEMPTS) throw error;
    }
    const { deviceId } = state;
    state = (await ports.devices.load([deviceId])).get(deviceId) ?? unheardDevice(deviceId);
  }
};

/**
 * The order of the writes makes a crash harmless. First everything that the state will no longer hold: sealed
 * segments, late positions, records for quarantine. Each has the same key when the records come again. Then
 * the state, whose fence says that they need not.
 */
const applyRecords = async (
  ports: TrackingPorts,
  loaded: DeviceState,
  records: readonly TrackedRecord[],
): Promise<DeviceOutcome> => {
  const { devices, tracks, quarantine } = ports;
  const remembered = await withoutErased(ports, loaded, records);
  const { fresh, doubtful } = await recordsToApply(ports.streams, loaded, remembered);
  const { state, movedCount, recordCount } =
    fresh.length > 0
      ? await returnFromFuture(ports, loaded, fresh[0])
      : { state: loaded, movedCount: 0, recordCount: 0 };
  const read = fresh.map((record) => readRecord(record, ports));
  const advanced = advance(state, read, devices.stateBytes(state.deviceId));
  const isBegun = state.version === 0 && advanced.state.tail.count > 0;
  const reason = isBegun ? await ports.whyNoDevice?.(state.deviceId) : undefined;
  if (reason !== undefined) return setAllAside(quarantine, remembered, reason);
  const trackId = deviceTrack(state.deviceId);
  if (advanced.sealed.length > 0) await tracks.put(trackId, advanced.sealed);
  const late = await storeLate(ports, trackId, state, advanced);
  const conflicts = [...advanced.conflicts, ...late.conflicts];
  const aside = [...setAside(fresh, read, conflicts), ...doubtful.map(inDoubt)];
  for (const record of aside) await quarantine.put(record);
  const { appliedRecordCount } = advanced;
  // Without a readable position there is no device yet, and nothing to save.
  if (appliedRecordCount > 0 && (advanced.state.tail.count > 0 || state.version > 0)) {
    await devices.save(withLatePositions(advanced.state, late));
  }
  return {
    appliedRecordCount,
    quarantinedRecordCount: aside.length + recordCount,
    latePositionCount: late.storedCount,
    duplicatePositionCount: advanced.duplicateCount + late.duplicateCount,
    conflictingPositionCount: conflicts.length,
    refusedPositionCount: read.reduce((count, { refusedCount }) => count + refusedCount, movedCount),
  };
};

/** Kept until there is room: `POST /quarantine/{recordId}/redrive` tries again. */
const setAllAside = async (
  quarantine: QuarantineStore,
  records: readonly TrackedRecord[],
  reason: string,
): Promise<DeviceOutcome> => {
  for (const record of records) await quarantine.put(wholeAside(record, reason));
  return { ...NOTHING_DONE, quarantinedRecordCount: records.length };
};

/** Needed only for a new device: the fence of an existing one is past everything that was erased. */
const withoutErased = async (
  { erasures }: TrackingPorts,
  { deviceId, version }: DeviceState,
  records: readonly TrackedRecord[],
): Promise<readonly TrackedRecord[]> => {
  if (!erasures || version > 0) return records;
  const untilMs = await erasures.erasedUntilMs(deviceId);
  return records.filter(({ arrivedAtMs }) => arrivedAtMs > untilMs);
};
