import { beforeAll, expect, test } from "vitest";
import { POSITION_FIELDS } from "../../lib/core/position/position.ts";
import type { Client, DeviceAnswer } from "../api-client.ts";
import { drivenMeters, meanSpeed, type Row, readDrive } from "../drive.ts";
import { until } from "../stack-process.ts";
import { whole } from "../whole-track.ts";

/** A recorded drive that is replayed with its own timestamps. */
export interface PlayedDrive {
  readonly path: string;
  readonly deviceId: string;
  readonly positions: number;
  /** Starts the replay at a thousand times its speed, and returns where its device can be seen. */
  readonly play: () => Promise<Client>;
}

/**
 * The main job: a recorded drive through import, replay, stream and tracking, and back out of the API, all of
 * it, against figures that are computed independently. Nothing else is heard meanwhile.
 */
export const trackedDrive = ({ path, deviceId, positions, play }: PlayedDrive): void => {
  let rows: Row[];
  let client: Client;
  let device: DeviceAnswer;
  beforeAll(async () => {
    rows = readDrive(path);
    client = await play();
    device = await whole(client, deviceId, rows.length);
  });

  test("every position comes back from the track, page by page, with its original timestamp", async () => {
    expect(rows.length).toBe(positions);
    const { positions: track, pages } = await client.track(deviceId, 500);
    expect(pages).toBe(Math.ceil(positions / 500));
    expect(track.map(({ timestamp }) => Date.parse(timestamp))).toEqual(
      rows.map(({ timestampMs }) => timestampMs),
    );
    for (const [index, { latitude, longitude, speedMetersPerSecond }] of track.entries()) {
      expect(Math.abs(latitude - rows[index].latitude)).toBeLessThan(1e-7);
      expect(Math.abs(longitude - rows[index].longitude)).toBeLessThan(1e-7);
      expect(Math.abs((speedMetersPerSecond ?? -1) - rows[index].speed)).toBeLessThan(0.0051);
    }
    expect(device).toMatchObject({ positionCount: positions, latePositionCount: 0 });
  });

  test("odometer and average speed agree with an independent calculation", async () => {
    expect(device.odometerMeters / drivenMeters(rows)).toBeCloseTo(1, 2.5);
    const endMs = rows[rows.length - 1].timestampMs;
    const windows = [
      { toMs: endMs, seconds: 60 },
      { toMs: endMs, seconds: Math.floor((endMs - rows[0].timestampMs) / 1000) },
      { toMs: rows[Math.floor(rows.length / 2)].timestampMs + 500, seconds: 120 },
    ];
    for (const { toMs, seconds } of windows) {
      const answer = await client.get<{ averageSpeedMetersPerSecond: number; coverage: number }>(
        `/devices/${deviceId}/average-speed?windowSeconds=${seconds}&at=${new Date(toMs).toISOString()}`,
      );
      expect(answer.averageSpeedMetersPerSecond).toBeCloseTo(meanSpeed(rows, toMs - seconds * 1000, toMs), 1);
      expect(answer.coverage).toBeCloseTo(1, 3);
    }
  });

  test("the course's four endpoints answer in the course's shapes", async () => {
    const state = await client.get<Record<string, number>>("/gps_state");
    expect(Object.keys(state).sort()).toEqual(
      ["timestamp", ...POSITION_FIELDS.map(({ courseName }) => courseName)].sort(),
    );
    expect(state.timestamp).toBe(rows[rows.length - 1].timestampMs / 1000);
    expect(Object.values(state).every((value) => typeof value === "number")).toBe(true);

    const endMs = rows[rows.length - 1].timestampMs;
    const speed = await client.get<number>("/compute_avg_speed?time_window_seconds=100");
    expect(speed).toBeCloseTo(meanSpeed(rows, endMs - 100_000, endMs), 1);

    const taskId = await client.call<string>(
      "POST",
      `/request_to_compute_avg_speed?time_window_seconds=1&device_id=${deviceId}`,
    );
    expect(taskId.status).toBe(200);
    expect(taskId.body).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    const status = `/get_avg_speed_task_status?task_id=${taskId.body}`;
    expect(await client.get(status)).toEqual({ status: "REQUESTED" });
    const done = await until(
      () => client.get<{ status: string }>(status),
      (task) => task.status !== "REQUESTED",
    );
    // Nothing new arrived within the window: the last reported speed.
    const lastSpeed = Math.round(rows[rows.length - 1].speed * 100) / 100;
    expect(done).toEqual({ status: "DONE", result: expect.closeTo(lastSpeed, 6) });
  });
};
