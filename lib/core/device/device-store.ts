import type { Page, PageRequest } from "../page.ts";
import type { DeviceState } from "./device-state.ts";

export interface DeviceListRequest extends PageRequest {
  /** Only devices whose id begins so. The store may read all the others on the way. */
  readonly idPrefix?: string;
}

/** The devices table: one item per device, single-item conditional writes only. */
export interface DeviceStore {
  /** Strongly consistent; devices that were never heard are absent from the map. */
  load(deviceIds: readonly string[]): Promise<ReadonlyMap<string, DeviceState>>;
  /**
   * Writes `state` as version `state.version + 1`, on condition that the stored version is still `state.version`
   * (0: that there is none). Raises VersionConflictError otherwise.
   */
  save(state: DeviceState): Promise<void>;
  /** In no particular order. */
  list(request: DeviceListRequest): Promise<Page<DeviceState>>;
  /** The device whose `lastHeardMs` is the newest. Reads the whole table's keys: for small fleets and demos. */
  lastHeard(): Promise<DeviceState | undefined>;
}
