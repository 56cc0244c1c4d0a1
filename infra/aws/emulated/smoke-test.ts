import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, type Call, callEmulator } from "./aws-client.ts";

/** A deployed stage, as its outputs name it. */
export interface Deployment {
  readonly endpoint: URL;
  /** The Host header by which the emulator knows the API. */
  readonly apiHost: string;
  readonly streamName: string;
  /** Where files are imported from. */
  readonly recordingsBucket: string;
  /** Of the API, with every scope. */
  readonly apiKey: string;
}

interface PositionJson {
  readonly timestamp: string;
}

const PATIENCE_MS = 60_000;
const SPEED_METERS_PER_SECOND = 10;
/** A degree of latitude on the sphere that distances are measured on. */
const METERS_PER_DEGREE = 111_195;

/** Due north at a steady speed, one position a second; the last one is `endMs`. */
const drive = (count: number, endMs: number): object[] =>
  Array.from({ length: count }, (_, index) => ({
    timestamp: new Date(endMs - (count - 1 - index) * 1000).toISOString(),
    latitude: 46 + (index * SPEED_METERS_PER_SECOND) / METERS_PER_DEGREE,
    longitude: 14.5,
    speedMetersPerSecond: SPEED_METERS_PER_SECOND,
  }));

/**
 * Uses a deployment as its users would and raises an error at the first answer that is not right: positions
 * in by HTTP and by the stream; state, track, speed, task and a finished replay out. `report` gets a line for
 * each thing that was seen to work.
 */
export const smokeTest = async (deployment: Deployment, report: (line: string) => void): Promise<void> => {
  const { endpoint, apiHost, streamName, recordingsBucket, apiKey } = deployment;
  const run = Date.now().toString(36);
  const api = (call: Call, key = apiKey): Promise<Answer> =>
    callEmulator(endpoint, apiHost, {
      ...call,
      headers: { ...call.headers, authorization: `Bearer ${key}` },
    });
  const get = async (path: string, query?: Record<string, string>) =>
    JSON.parse(expectStatus(await api({ method: "GET", path, query: new URLSearchParams(query) }), 200).text);
  const post = (path: string, contentType: string, body: string, query?: Record<string, string>) =>
    api({
      method: "POST",
      path,
      headers: { "content-type": contentType },
      query: new URLSearchParams(query),
      body,
    });
  const putOnStream = (partitionKey: string, data: string) =>
    callEmulator(endpoint, endpoint.host, {
      service: "kinesis",
      method: "POST",
      path: "/",
      headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": "Kinesis_20131202.PutRecord" },
      body: JSON.stringify({
        StreamName: streamName,
        PartitionKey: partitionKey,
        Data: Buffer.from(data).toString("base64"),
      }),
    });
  const tracked = (deviceId: string, count: number) =>
    eventually(`${deviceId} to have ${count} positions`, async () => {
      const answer = await api({ method: "GET", path: `/devices/${deviceId}` });
      const state = answer.status === 200 ? JSON.parse(answer.text) : undefined;
      return state?.positionCount === count ? state : undefined;
    });

  strictEqual((await get("/healthz")).status, "ok");
  const listing = { method: "GET", path: "/devices" };
  expectStatus(await callEmulator(endpoint, apiHost, listing), 401);
  expectStatus(await api(listing, `${apiKey.slice(0, -1)}?`), 401);
  expectStatus(await api(listing), 200);
  report("the API answers who has a key, and refuses others");

  const nowMs = Math.floor(Date.now() / 1000) * 1000;
  const sent = drive(20, nowMs);
  const [byHttp, byStream] = [`http-${run}`, `stream-${run}`];
  const accepted = await post(`/devices/${byHttp}/positions`, "application/json", JSON.stringify(sent));
  deepStrictEqual(JSON.parse(expectStatus(accepted, 202).text), { accepted: 20, rejected: [] });
  expectStatus(await putOnStream(byStream, JSON.stringify(sent)), 200);
  for (const deviceId of [byHttp, byStream]) {
    const { odometerMeters } = await tracked(deviceId, 20);
    ok(Math.abs(odometerMeters - 190) < 1, `odometer of ${deviceId} is ${odometerMeters} m, not 190`);
    const { positions } = await get(`/devices/${deviceId}/track`);
    deepStrictEqual(timestampsOf(positions), timestampsOf(sent));
  }
  report("positions sent over HTTP and put on the stream come back as state and track");

  const average = await get(`/devices/${byHttp}/average-speed`, { windowSeconds: "10" });
  ok(Math.abs(average.averageSpeedMetersPerSecond - SPEED_METERS_PER_SECOND) < 0.01, JSON.stringify(average));
  const asked = await post(`/devices/${byHttp}/average-speed-tasks`, "application/json", "", {
    windowSeconds: "1",
  });
  const { taskId } = JSON.parse(expectStatus(asked, 202).text);
  const task = await eventually("the average-speed task to end", async () => {
    const state = await get(`/tasks/${taskId}`);
    return state.status === "REQUESTED" ? undefined : state;
  });
  strictEqual(task.status, "DONE", JSON.stringify(task));
  report("the average speed is right, at once and as a task of the workflow");

  strictEqual((await get("/gps_state", { device_id: byHttp })).timestamp, nowMs / 1000);
  report("the course's endpoints answer");

  await putOnStream(`broken-${run}`, "not a position");
  await eventually("the broken record to be in quarantine", async () => {
    const { records } = await get("/quarantine");
    return records.find(({ partitionKey }: { partitionKey: string }) => partitionKey === `broken-${run}`);
  });
  report("a record that can't be read is in quarantine");

  const csv = csvOf(drive(30, nowMs - 86_400_000 * 30));
  const imported = await post("/recordings", "text/csv", csv, { name: `smoke ${run}` });
  const { recordingId } = JSON.parse(expectStatus(imported, 201).text);
  const replayed = `replay-${run}`;
  const order = JSON.stringify({ recordingId, deviceId: replayed, rate: 20 });
  const created = await post("/replays", "application/json", order);
  const { replayId } = JSON.parse(expectStatus(created, 201).text);
  const replay = await eventually("the replay to end", async () => {
    const state = await get(`/replays/${replayId}`);
    return state.status === "playing" ? undefined : state;
  });
  strictEqual(replay.status, "finished", JSON.stringify(replay));
  strictEqual(replay.progress.positionsPublished, 30);
  await tracked(replayed, 30);
  report("a recording was imported, and its replay has finished and was tracked");

  const key = `smoke/file ${run}.csv`;
  const path = `/${recordingsBucket}/${encodeURI(key)}`;
  const headers = { "content-type": "text/csv" };
  expectStatus(
    await callEmulator(endpoint, endpoint.host, { service: "s3", method: "PUT", path, headers, body: csv }),
    200,
  );
  const importTask = await eventually("the file in the bucket to be imported", async () => {
    const { tasks } = await get("/tasks", { kind: "import" });
    return tasks.find(
      ({ file, status }: { file: { key: string }; status: string }) =>
        file.key === key && status !== "REQUESTED",
    );
  });
  strictEqual(importTask.status, "DONE", JSON.stringify(importTask));
  strictEqual(importTask.result.positionCount, 30);
  report("a file that was put into the bucket was imported");

  const schedule = `/replay-schedules/smoke-${run}`;
  const timing = { cron: "0 3 ? * MON-FRI *", timezone: "Europe/Ljubljana", replay: { recordingId } };
  const put = { method: "PUT", path: schedule, headers: { "content-type": "application/json" } };
  const made = JSON.parse(expectStatus(await api({ ...put, body: JSON.stringify(timing) }), 201).text);
  deepStrictEqual((await get(schedule)).nextRun, made.nextRun);
  expectStatus(await api({ method: "DELETE", path: schedule }), 204);
  expectStatus(await api({ method: "GET", path: schedule }), 404);
  report("a replay was scheduled, and its schedule deleted");
};

const expectStatus = (answer: Answer, status: number): Answer => {
  if (answer.status !== status) throw new Error(`expected ${status}, got ${answer.status}: ${answer.text}`);
  return answer;
};

const timestampsOf = (positions: readonly object[]): string[] =>
  positions.map((position) => (position as PositionJson).timestamp);

const csvOf = (rows: readonly object[]): string =>
  [Object.keys(rows[0] ?? {}), ...rows.map(Object.values)].map((row) => row.join(",")).join("\n");

/** Asks until there is an answer; raises an error that names what was waited for. */
const eventually = async <Found>(
  what: string,
  ask: () => Promise<Found | undefined>,
): Promise<NonNullable<Found>> => {
  const untilMs = Date.now() + PATIENCE_MS;
  while (Date.now() < untilMs) {
    const found = await ask();
    if (found !== undefined && found !== null) return found;
    await sleep(250);
  }
  throw new Error(`waited ${PATIENCE_MS / 1000} s in vain for ${what}`);
};
