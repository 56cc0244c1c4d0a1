import { beforeEach, describe, expect, test } from "vitest";
import { memoryDeviceStore } from "../../../lib/adapters/memory/device-store.ts";
import { memoryTaskStore } from "../../../lib/adapters/memory/task-store.ts";
import { memoryTrackStore } from "../../../lib/adapters/memory/track-store.ts";
import { memoryWorkflowStarter } from "../../../lib/adapters/memory/workflow-starter.ts";
import { zstd } from "../../../lib/adapters/zstd.ts";
import { claimPorts } from "../../../test/claims.ts";
import { deviceStateOf } from "../../../test/device-state.ts";
import { call } from "../../../test/http-event.ts";
import { createHandler } from "./handler.ts";

const T0 = Date.UTC(2026, 10, 20, 12);
const TASK_ID = "7e0e3c1c-5d2a-4f6b-9a51-0c5f3f4f2b11";
const UNKNOWN_ID = "00000000-0000-4000-8000-000000000000";

const makeApi = () => {
  const ports = {
    devices: memoryDeviceStore(),
    tracks: memoryTrackStore(),
    tasks: memoryTaskStore(),
    workflows: memoryWorkflowStarter(),
    ...claimPorts(),
    compression: zstd,
    now: () => T0,
    newId: () => TASK_ID,
  };
  const handler = createHandler(() => ports);
  const ask = (routeKey: string, query: Record<string, string | number> = {}) =>
    call(handler, routeKey, { query });
  return { ...ports, ask };
};
let api = makeApi();

beforeEach(async () => {
  api = makeApi();
  const reported = {
    elevationMeters: 984.28,
    accuracyMeters: 4,
    bearingDegrees: 125.86,
    satellites: 14,
    hdop: 0.8,
    vdop: 1.6,
    pdop: 1.8,
    distanceMeters: 0.01,
    elapsedSeconds: 2,
  };
  const older = {
    timestampMs: T0 - 9000,
    latitude: -27.7178415,
    longitude: -51.0988657,
    speedMetersPerSecond: 2,
  };
  const newer = { ...older, ...reported, timestampMs: T0 - 8001, speedMetersPerSecond: 4 };
  await api.devices.save(deviceStateOf("bus", [older, newer], { lastHeardMs: T0 - 8000 }));
  const first = { timestampMs: T0 - 3000, latitude: 0, longitude: 0, speedMetersPerSecond: 10 };
  const second = { timestampMs: T0 - 1000, latitude: 0, longitude: 0.0002 };
  await api.devices.save(deviceStateOf("car", [first, second], { lastHeardMs: T0 }));
});

describe("GET /gps_state", () => {
  test("is the course's 13 fields as they were reported, of the device that is asked for", async () => {
    const answer = await api.ask("GET /gps_state", { device_id: "bus" });
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      timestamp: (T0 - 8001) / 1000,
      latitude: -27.7178415,
      longitude: -51.0988657,
      elevation: 984.28,
      accuracy: 4,
      bearing: 125.86,
      speed_meters_per_second: 4,
      satellites: 14,
      hdop: 0.8,
      vdop: 1.6,
      pdop: 1.8,
      distance_meters: 0.01,
      elapsed_time_seconds: 2,
    });
  });

  test("derives distance and time from the position before, is null else, and takes the device heard last", async () => {
    expect((await api.ask("GET /gps_state")).json).toEqual({
      timestamp: T0 / 1000 - 1,
      latitude: 0,
      longitude: 0.0002,
      elevation: null,
      accuracy: null,
      bearing: null,
      speed_meters_per_second: null,
      satellites: null,
      hdop: null,
      vdop: null,
      pdop: null,
      // 0.0002 degrees on the equator of a sphere of 6,371,008.8 m.
      distance_meters: 22.24,
      elapsed_time_seconds: 2,
    });
  });

  test("of an unknown device, or before any was heard, is a 404 problem", async () => {
    expect(await api.ask("GET /gps_state", { device_id: "ghost" })).toMatchObject({ status: 404 });
    const answer = await makeApi().ask("GET /gps_state");
    expect(answer).toMatchObject({ status: 404, json: { detail: "no device was heard yet" } });
  });
});

describe("GET /compute_avg_speed", () => {
  test("is a bare number", async () => {
    const answer = await api.ask("GET /compute_avg_speed", { time_window_seconds: 10, device_id: "bus" });
    expect(answer).toMatchObject({ status: 200, text: "3" });
    expect(answer.headers["content-type"]).toBe("application/json");
  });

  test.each([
    [{}],
    [{ time_window_seconds: -5 }],
    [{ time_window_seconds: 1e9 }],
    [{ time_window_seconds: "x" }],
  ])("refuses %j", async (query) => {
    const answer = await api.ask("GET /compute_avg_speed", query as Record<string, string>);
    expect(answer).toMatchObject({ status: 400, json: { errors: [{ field: "time_window_seconds" }] } });
  });
});

describe("POST /request_to_compute_avg_speed", () => {
  test("is a bare id, and its task stands as REQUESTED, then DONE with the result", async () => {
    const answer = await api.ask("POST /request_to_compute_avg_speed", { time_window_seconds: 10 });
    expect(answer).toMatchObject({ status: 200, text: JSON.stringify(TASK_ID) });
    expect(api.workflows.started).toMatchObject([{ workflow: "average-speed" }]);
    const status = () => api.ask("GET /get_avg_speed_task_status", { task_id: TASK_ID });
    expect((await status()).json).toEqual({ status: "REQUESTED" });
    const result = { averageSpeedMetersPerSecond: 9.5, coverage: 1, positionCount: 3 };
    await api.tasks.complete(TASK_ID, { status: "DONE", result });
    expect((await status()).json).toEqual({ status: "DONE", result: 9.5 });
  });

  test.each([[{}], [{ time_window_seconds: -5 }], [{ time_window_seconds: 1e9 }]])(
    "refuses %j",
    async (query) => {
      const answer = await api.ask("POST /request_to_compute_avg_speed", query as Record<string, string>);
      expect(answer).toMatchObject({ status: 400, json: { errors: [{ field: "time_window_seconds" }] } });
      expect(api.workflows.started).toEqual([]);
    },
  );
});

describe("GET /get_avg_speed_task_status", () => {
  test("tells why a task failed", async () => {
    await api.ask("POST /request_to_compute_avg_speed", { time_window_seconds: 10, device_id: "bus" });
    await api.tasks.complete(TASK_ID, { status: "FAILED", reason: "the device is gone" });
    const answer = await api.ask("GET /get_avg_speed_task_status", { task_id: TASK_ID, device_id: "bus" });
    expect(answer.json).toEqual({ status: "FAILED", reason: "the device is gone" });
    const other = await api.ask("GET /get_avg_speed_task_status", { task_id: TASK_ID, device_id: "car" });
    expect(other.status).toBe(404);
  });

  test("an unknown task is a 404, what is no id a 400", async () => {
    expect((await api.ask("GET /get_avg_speed_task_status", { task_id: UNKNOWN_ID })).status).toBe(404);
    expect((await api.ask("GET /get_avg_speed_task_status", { task_id: "7" })).json.errors).toEqual([
      { field: "task_id", value: "7", rule: "must be a UUID" },
    ]);
  });
});
