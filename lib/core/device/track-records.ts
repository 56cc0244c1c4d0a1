import { mapConcurrently } from "../concurrency.ts";
import { isHopeless } from "../errors.ts";
import { DEVICE_ID_PATTERN } from "../identity/device-id.ts";
import { addOutcomes, type DeviceOutcome, NOTHING_DONE } from "./device-outcome.ts";
import { type DeviceState, unheardDevice } from "./device-state.ts";
import type { DeviceStore } from "./device-store.ts";
import { applyOneByOne } from "./hopeless.ts";
import { type TrackedRecord, type TrackingPorts, trackDevice } from "./track-device.ts";

export type { TrackedRecord, TrackingPorts } from "./track-device.ts";

/** A device whose records could not be applied; they must be delivered again from the first one on. */
export interface TrackingFailure {
  readonly deviceId: string;
  /** Of the first record of the device in the batch. */
  readonly sequenceNumber: string;
  /** How many records of the batch must come again. */
  readonly recordCount: number;
  readonly error: unknown;
}

/** The outcome of a batch. Counts leave out the devices that failed. */
export interface TrackingOutcome extends DeviceOutcome {
  readonly deviceCount: number;
  readonly failures: readonly TrackingFailure[];
}

/** Devices are independent; each has one or two requests in flight. */
const DEVICES_AT_ONCE = 24;

interface DeviceBatch {
  readonly deviceId: string;
  readonly records: TrackedRecord[];
}

/**
 * Applies a batch of the positions stream to the devices, each device's records in their order. A device that
 * fails is reported and does not hold up the others. Errors of stores are not thrown.
 */
export const trackRecords = async (
  ports: TrackingPorts,
  records: readonly TrackedRecord[],
): Promise<TrackingOutcome> => {
  const batches = byDevice(records);
  const load = await loadStates(
    ports.devices,
    batches.map(({ deviceId }) => deviceId),
  );
  const failures: TrackingFailure[] = [];
  let done = NOTHING_DONE;
  await mapConcurrently(batches, DEVICES_AT_ONCE, async ({ deviceId, records: ofDevice }) => {
    try {
      const outcome = await trackTogether(ports, () => load(deviceId), deviceId, ofDevice);
      done = addOutcomes(done, outcome);
    } catch (error) {
      const { sequenceNumber } = ofDevice[0];
      failures.push({ deviceId, sequenceNumber, recordCount: ofDevice.length, error });
    }
  });
  return { ...done, deviceCount: batches.length, failures };
};

/** If one of the records can never be applied, the others still are. */
const trackTogether = async (
  ports: TrackingPorts,
  load: () => Promise<DeviceState>,
  deviceId: string,
  records: readonly TrackedRecord[],
): Promise<DeviceOutcome> => {
  try {
    return await trackDevice(ports, await load(), records);
  } catch (error) {
    if (!isHopeless(error)) throw error;
  }
  return applyOneByOne(ports, records, async (record) => {
    const state = (await ports.devices.load([deviceId])).get(deviceId);
    return trackDevice(ports, state ?? unheardDevice(deviceId), [record]);
  });
};

const byDevice = (records: readonly TrackedRecord[]): DeviceBatch[] => {
  const batches = new Map<string, DeviceBatch>();
  for (const record of records) {
    const batch = batches.get(record.partitionKey);
    if (batch === undefined) {
      batches.set(record.partitionKey, { deviceId: record.partitionKey, records: [record] });
    } else batch.records.push(record);
  }
  return [...batches.values()];
};

/**
 * Loads all devices in one call. If that fails, each is loaded by itself later, so that an unreadable item
 * fails one device only.
 */
const loadStates = async (
  devices: DeviceStore,
  deviceIds: readonly string[],
): Promise<(deviceId: string) => Promise<DeviceState>> => {
  const known = deviceIds.filter(isDeviceId);
  const load = async (ids: readonly string[]) => (ids.length === 0 ? new Map() : devices.load(ids));
  try {
    const states = await load(known);
    return async (deviceId) => states.get(deviceId) ?? unheardDevice(deviceId);
  } catch {
    return async (deviceId) =>
      (await load([deviceId].filter(isDeviceId))).get(deviceId) ?? unheardDevice(deviceId);
  }
};

/**
 * A partition key may be any text. If it is not a device id it has no state, and its records go to
 * quarantine.
 */
const isDeviceId = (partitionKey: string): boolean => DEVICE_ID_PATTERN.test(partitionKey);
