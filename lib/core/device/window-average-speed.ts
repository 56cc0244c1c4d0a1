import { NotFoundError } from "../errors.ts";
import { type AverageSpeed, averageSpeed } from "../motion/average-speed.ts";
import { PositionBuffer } from "../position/position-buffer.ts";
import { type ReadTrackPorts, readTrack } from "../track/read-track.ts";
import { deviceTrack, type TimeRange } from "../track/track-store.ts";
import type { DeviceState } from "./device-state.ts";

/** How far beyond the window to look for positions to interpolate the speed at its ends. */
const LOOK_AROUND_MS = 10 * 60 * 1000;
const POSITIONS_PER_READ = 50_000;

export interface WindowAverageSpeed extends AverageSpeed {
  /** A stored segment in or near the window can't be read: the average leaves it out. */
  readonly damaged?: true;
}

/**
 * The window of a device's own time that ends at `toMs`, by default at the device's newest position. Throws
 * NotFoundError when there is none.
 */
export const trailingWindow = (
  { deviceId, tail }: DeviceState,
  windowSeconds: number,
  toMs = newestTimestampMs(tail),
): TimeRange => {
  if (toMs === undefined) throw new NotFoundError(`device ${deviceId} has no position yet`);
  return { fromMs: toMs - Math.round(windowSeconds * 1000), toMs };
};

const newestTimestampMs = ({ count, timestampsMs }: PositionBuffer): number | undefined =>
  count > 0 ? timestampsMs[count - 1] : undefined;

/**
 * A device's average speed over a window of its own time. From the tail alone if it reaches back far enough
 * (anything older than the tail's first position was sealed or came late), else from segments and tail.
 */
export const windowAverageSpeed = async (
  ports: ReadTrackPorts,
  state: DeviceState,
  window: TimeRange,
): Promise<WindowAverageSpeed> => {
  const { fromMs, toMs } = window;
  const { tail, sealedUntilMs } = state;
  const reachesBack = sealedUntilMs === undefined || (tail.count > 0 && tail.timestampsMs[0] <= fromMs);
  if (reachesBack) return averageSpeed(tail, fromMs, toMs);
  const { positions, isDamaged } = await readAround(ports, state, window);
  return { ...averageSpeed(positions, fromMs, toMs), ...(isDamaged && { damaged: true }) };
};

const readAround = async (
  ports: ReadTrackPorts,
  { deviceId, tail }: DeviceState,
  { fromMs, toMs }: TimeRange,
): Promise<{ readonly positions: PositionBuffer; readonly isDamaged: boolean }> => {
  const positions = new PositionBuffer();
  let isDamaged = false;
  const end = toMs + LOOK_AROUND_MS;
  let next: number | undefined = Math.max(0, fromMs - LOOK_AROUND_MS);
  while (next !== undefined) {
    const page = await readTrack(ports, deviceTrack(deviceId), {
      fromMs: next,
      toMs: end,
      limit: POSITIONS_PER_READ,
      tail,
    });
    positions.append(page.positions);
    isDamaged ||= page.damaged.length > 0;
    next = page.nextMs;
  }
  return { positions, isDamaged };
};
