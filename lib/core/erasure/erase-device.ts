import type { DeviceStore } from "../device/device-store.ts";
import { deviceOfErasure, findMark, forgetErasure, putMark } from "../device/erasure-mark.ts";
import { NotFoundError } from "../errors.ts";
import type { QuarantineStore } from "../quarantine/quarantine.ts";
import { type ActivePorts, activeReplays, leavePlace } from "../replay/active-replays.ts";
import { devicesOf } from "../replay/replay.ts";
import type { ReplayStore } from "../replay/replay-store.ts";
import type { ShareStore } from "../share/share.ts";
import type { TaskStore } from "../task/task.ts";
import { deviceTrack, type TrackStore } from "../track/track-store.ts";
import type { ErasureInput } from "./request-erasure.ts";

export interface ErasePorts extends ActivePorts {
  readonly devices: Pick<DeviceStore, "remove">;
  readonly tracks: TrackStore;
  readonly quarantine: QuarantineStore;
  readonly replays: ReplayStore;
  readonly tasks: TaskStore;
  readonly shares: Pick<ShareStore, "removeOfDevice">;
}

/** `more`: call again with this input. `wait`: call again when current writers have finished. */
export interface ErasureStep extends ErasureInput {
  readonly status: "more" | "wait" | "done";
}

/** The most that one step deletes of each kind: a few seconds of work. */
const SEGMENTS_PER_STEP = 2_000;
const THINGS_PER_STEP = 50;

/**
 * One step of erasing a device: deletes a bounded part of its data. A step can be repeated, or start in the
 * middle: it looks for what is left. A second pass finds what a tracker wrote that had loaded the device
 * earlier. Throws NotFoundError for a task that does not exist, and what the stores raise.
 */
export const eraseDevice = async (ports: ErasePorts, input: ErasureInput): Promise<ErasureStep> => {
  const { claims, tasks, now } = ports;
  const { taskId, pass } = input;
  const task = await tasks.get(taskId, now());
  if (task?.kind !== "erasure") throw new NotFoundError(`task ${taskId} does not exist`);
  const deviceId = await deviceOfErasure(claims, taskId, now());
  if (task.status !== "REQUESTED" || deviceId === undefined) return { taskId, pass, status: "done" };
  const mark = await findMark(claims, deviceId, now());
  // A late repetition must not touch a new device of the same id.
  if (mark?.taskId !== taskId || mark.erasedAtMs !== undefined) return end(ports, taskId, pass);

  const cursor = await sweep(ports, deviceId, input.cursor);
  if (cursor !== undefined) return { taskId, pass, cursor, status: "more" };
  if (pass === 1) return { taskId, pass: 2, status: "wait" };
  await putMark(claims, deviceId, { taskId, erasedAtMs: now() }, now());
  return end(ports, taskId, pass);
};

/** The name of the device goes last: until then the step can be repeated. */
const end = async (
  { claims, tasks, now }: ErasePorts,
  taskId: string,
  pass: number,
): Promise<ErasureStep> => {
  await tasks.complete(taskId, { status: "DONE", result: { erasedAtMs: now() } });
  await forgetErasure(claims, taskId);
  return { taskId, pass, status: "done" };
};

/** Where to continue; undefined when nothing is left. */
const sweep = async (
  ports: ErasePorts,
  deviceId: string,
  cursor: string | undefined,
): Promise<string | undefined> => {
  const { devices, tracks, quarantine, tasks, replays, claims, shares, now } = ports;
  const again = cursor ?? "";
  // First of all: an old link must not show a new device under this id.
  if (!(await shares.removeOfDevice(deviceId, THINGS_PER_STEP))) return again;

  await devices.remove(deviceId);
  if (!(await tracks.removeSome(deviceTrack(deviceId), SEGMENTS_PER_STEP))) return again;

  const records = await quarantine.list({ deviceId, limit: THINGS_PER_STEP });
  for (const { recordId } of records.items) await quarantine.remove(recordId);
  if (records.cursor !== undefined) return again;

  const asked = await tasks.list("average-speed", { deviceId, limit: THINGS_PER_STEP }, now());
  for (const { taskId } of asked.items) await tasks.remove(taskId);
  if (asked.cursor !== undefined) return again;

  const page = await replays.list({ limit: THINGS_PER_STEP, ...(cursor && { cursor }) });
  for (const replay of page.items) {
    if (!devicesOf(replay).includes(deviceId)) continue;
    // A replay that was requested since then plays onto the new device.
    if (replay.status === "playing" || replay.status === "paused") continue;
    await replays.remove(replay.replayId);
    await leavePlace({ claims, now }, replay.replayId);
  }
  // Reading them clears the places of those that have ended.
  if (page.cursor === undefined) await activeReplays(ports);
  return page.cursor;
};
