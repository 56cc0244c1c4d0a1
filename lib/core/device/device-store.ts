import type { Page, PageRequest } from "../page.ts";
import type { DeviceState } from "./device-state.ts";

/** A device whose stored state can't be read. */
export interface DamagedDevice {
  readonly deviceId: string;
  readonly error: Error;
}

export interface DeviceListRequest extends PageRequest {
  /** Only devices that belong to it, by belongsTo; none of the others is read on the way. */
  readonly idPrefix?: string;
  /** Called for each device whose state can't be read; the page leaves it out. */
  readonly onDamage?: (damaged: DamagedDevice) => void;
}

/** The devices table: one item per device, single-item conditional writes only. */
export interface DeviceStore {
  /**
   * How many bytes an encoded state of this device should have at most, so that saving it costs as little as
   * it can. Tails are sealed by it, so it changes at most from one deployment to the next.
   */
  stateBytes(deviceId: string): number;
  /** Strongly consistent. Devices that were never heard are missing from the map. */
  load(deviceIds: readonly string[]): Promise<ReadonlyMap<string, DeviceState>>;
  /**
   * Writes `state` as version `state.version + 1`, on condition that the stored version is still
   * `state.version` (0: that there is none). Throws VersionConflictError otherwise.
   */
  save(state: DeviceState): Promise<void>;
  /**
   * How many have a place in the list; counting ends at `upTo`. A device takes its place before its first
   * save and gives it up after it is removed, so one whose first save failed is counted.
   */
  count(upTo: number): Promise<number>;
  /** Which of these devices have a place in the list: all that exist, readable or not, and those counted. */
  listed(deviceIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** In the order of their ids. */
  list(request: DeviceListRequest): Promise<Page<DeviceState>>;
  /** The state and its place in the list; repeating it is harmless. */
  remove(deviceId: string): Promise<void>;
}
