import { resolve } from "node:path";
import type { Client, DeviceAnswer } from "./api-client.ts";
import { ROOT, until } from "./stack-process.ts";

/* Shared by the tests that replay whole drives on the real stack. */

export const SAMPLE = resolve(ROOT, "infra/local/sample/sample-drive.csv");
/** A real drive, which is not part of the project. */
export const REAL = resolve(ROOT, "../shared/data/dataset_gps.csv");
export const DRIVES = [
  { drive: "the project's own drive", path: SAMPLE, positions: 878 },
  { drive: "a real drive", path: REAL, positions: 1316 },
];
export const NO_REAL_DRIVE = "no real recording at ../shared/data/dataset_gps.csv";

/** The device, once this many of its positions have arrived. */
export const whole = (client: Client, deviceId: string, count: number): Promise<DeviceAnswer> =>
  until(
    () => client.device(deviceId),
    ({ positionCount }) => positionCount >= count,
    { deadlineMs: 60_000 },
  );
