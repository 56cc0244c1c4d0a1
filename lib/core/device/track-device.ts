import { RecordError, VersionConflictError } from "../errors.ts";
import { PositionBuffer } from "../position/position-buffer.ts";
import type { QuarantinedRecord, QuarantineStore } from "../quarantine/quarantine.ts";
import type { SegmentCompression } from "../segment/compression.ts";
import { decodeRecord, type IncomingRecord } from "../stream/decode-record.ts";
import { deviceTrack, type TrackStore } from "../track/track-store.ts";
import { advance, type DeviceRecord, withLatePositions } from "./advance.ts";
import { type DeviceState, type Fence, unheardDevice } from "./device-state.ts";
import type { DeviceStore } from "./device-store.ts";
import { isApplied } from "./fence.ts";
import { storeLate } from "./store-late.ts";

export interface TrackingPorts {
  readonly devices: DeviceStore;
  readonly tracks: TrackStore;
  readonly quarantine: QuarantineStore;
  readonly compression: SegmentCompression;
}

/** A record of the positions stream, with what identifies it. */
export interface TrackedRecord extends IncomingRecord, Fence {
  /** Unique in the stream, and the same at every redelivery. */
  readonly recordId: string;
}

/** What became of a device's records. */
export interface DeviceOutcome {
  /** Records that were not redeliveries. */
  readonly appliedRecordCount: number;
  readonly quarantinedRecordCount: number;
}

/** Another consumer has the same device only while a shard changes hands; it does not last. */
const MAXIMUM_ATTEMPTS = 5;

/**
 * Applies records of one device, in the stream's order, to the state that was loaded. Where another consumer has saved
 * in between, its state is loaded and the work done again. Raises what the stores raise; then nothing is lost, and
 * the same records must come again.
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
 * The order of the writes is what makes a crash harmless. First what the state will no longer tell: refused
 * records, sealed segments, late ones; each lands on its own key again when the records come again. Then the state, whose
 * fence says that they need not.
 */
const applyRecords = async (
  { devices, tracks, quarantine, compression }: TrackingPorts,
  state: DeviceState,
  records: readonly TrackedRecord[],
): Promise<DeviceOutcome> => {
  const fresh = records.filter(
    ({ stream, sequenceNumber }) => !isApplied(state.fence, stream, sequenceNumber),
  );
  const decoded = fresh.map((record) => decodeOrRefuse(record, compression));
  const refused = decoded.flatMap(({ refusal }) => refusal ?? []);
  for (const record of refused) await quarantine.put(record);

  const advanced = advance(state, decoded);
  const trackId = deviceTrack(state.deviceId);
  if (advanced.sealed.length > 0) await tracks.put(trackId, advanced.sealed);
  const late = await storeLate(tracks, compression, trackId, advanced.late);
  const { appliedRecordCount } = advanced;
  // Who has never sent a readable position is not a device: there is nothing to save, and nothing to forget.
  if (appliedRecordCount > 0 && advanced.state.tail.count > 0) {
    await devices.save(withLatePositions(advanced.state, late.storedCount));
  }
  return { appliedRecordCount, quarantinedRecordCount: refused.length };
};

interface Decoded extends DeviceRecord {
  /** What goes to quarantine: the record, when it or some of its positions were refused. */
  readonly refusal?: QuarantinedRecord;
}

const decodeOrRefuse = (record: TrackedRecord, compression: SegmentCompression): Decoded => {
  const { stream, sequenceNumber, arrivedAtMs } = record;
  try {
    const { positions, problems } = decodeRecord(record, compression);
    const applied = { stream, sequenceNumber, arrivedAtMs, positions };
    if (problems.length === 0) return applied;
    const reason = "some of its positions were refused; the others were applied";
    return { ...applied, refusal: { ...kept(record), reason, problems } };
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    const { message: reason, problems } = error;
    const positions = new PositionBuffer(0);
    return { stream, sequenceNumber, arrivedAtMs, positions, refusal: { ...kept(record), reason, problems } };
  }
};

const kept = ({ recordId, stream, partitionKey, arrivedAtMs, data }: TrackedRecord) => ({
  recordId,
  stream,
  partitionKey,
  arrivedAtMs,
  data,
});
