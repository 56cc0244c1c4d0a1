/**
 * Where the distance filter stands after some positions: what it needs to go on with the next one. Plain numbers, so
 * that it can be stored with the device.
 */
export interface DistanceState {
  readonly meters: number;
}
