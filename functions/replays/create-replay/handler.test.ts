import { beforeEach, describe, expect, test } from "vitest";
import { memoryRecordingStore } from "../../../lib/adapters/memory/recording-store.ts";
import { memoryReplayStore } from "../../../lib/adapters/memory/replay-store.ts";
import { memoryWorkflowStarter } from "../../../lib/adapters/memory/workflow-starter.ts";
import { ANYBODY } from "../../../lib/core/access/caller.ts";
import { UnavailableError } from "../../../lib/core/errors.ts";
import { type CreatePorts, requestedDevices } from "../../../lib/core/replay/create-replay.ts";
import { claimPorts } from "../../../test/claims.ts";
import { call } from "../../../test/http-event.ts";
import { RECORDING } from "../../../test/samples.ts";
import { createHandler } from "./handler.ts";

const ROUTE = "POST /replays";
let ports: CreatePorts;
beforeEach(async () => {
  ports = {
    replays: memoryReplayStore(),
    recordings: memoryRecordingStore(),
    workflows: memoryWorkflowStarter(),
    ...claimPorts(),
    now: () => Date.parse("2026-11-20T12:00:00Z"),
    newId: () => "replay-1",
  };
  await ports.recordings.put(RECORDING);
});
const post = (body: unknown) =>
  call(
    createHandler(() => ports),
    ROUTE,
    { body },
  );

describe("finding 1: nothing passes that breaks the schema, and nothing is expanded before it was checked", () => {
  const unknown = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 1]));

  test.each([0, 7, 8, 9, 100, 5_000])("behind %d unknown fields", async (count) => {
    const wrong = { recordingId: "drive", deviceId: "x", rate: "5", loop: "no" };
    const answer = await post({ ...wrong, ...unknown(count) });
    expect(answer.status).toBe(400);
    const fields = answer.json.errors.map(({ field }: { field: string }) => field);
    expect(fields).toEqual(expect.arrayContaining(["rate", "loop"]));
    expect(answer.text.length).toBeLessThan(10_000);
    expect((await ports.replays.list({ limit: 1 })).items).toEqual([]);
  });

  const drive = { recordingId: "drive" };
  test.each<[string, object]>([
    ["100,000,000 copies behind unknown fields", { ...drive, copies: 1e8, ...unknown(8) }],
    ["100,000,000 copies", { ...drive, copies: 1e8 }],
    ["1e308 copies", { ...drive, copies: 1e308 }],
    ["20 sources of 1,000 copies", { sources: new Array(20).fill({ ...drive, copies: 1000 }) }],
    ["2,000 sources", { sources: new Array(2_000).fill(drive) }],
  ])("%s: refused, for a key with a device prefix too", async (_, body) => {
    for (const caller of [ANYBODY, { keyId: "k", devicePrefix: "drive" }]) {
      const answer = await call(
        createHandler(() => ports),
        ROUTE,
        { body, caller },
      );
      expect(answer.status).toBe(400);
      expect(answer.text.length).toBeLessThan(10_000);
    }
  });

  test("requestedDevices makes no list that is longer than a replay may have", () => {
    for (const copies of [1e8, Number.POSITIVE_INFINITY, -1, 0.5, Number.NaN]) {
      expect(() => requestedDevices([{ recordingId: "drive", copies }])).toThrow(/copies must be/);
    }
  });
});

test("starts a replay and answers where it is", async () => {
  const answer = await post({
    recordingId: "drive",
    deviceId: "demo",
    copies: 2,
    rate: 10,
    loop: true,
    start: 43,
  });
  expect(answer.status).toBe(201);
  expect(answer.headers.location).toBe("/replays/replay-1");
  expect(answer.json).toEqual({
    replayId: "replay-1",
    status: "playing",
    rate: 10,
    loop: true,
    timestamps: "now",
    start: 43,
    end: 1_443,
    sources: [{ recordingId: "drive", deviceId: "demo", copies: 2, deviceIds: ["demo-1", "demo-2"] }],
    progress: {
      offsetSeconds: 43,
      durationSeconds: 1_443,
      fraction: 0,
      iteration: 0,
      positionsPublished: 0,
    },
    createdAt: "2026-11-20T12:00:00.000Z",
    updatedAt: "2026-11-20T12:00:00.000Z",
    links: {
      self: "/replays/replay-1",
      recording: "/recordings/drive",
      device: "/devices/demo-1",
      track: "/devices/demo-1/track",
    },
  });
});

test("plays several recordings", async () => {
  const answer = await post({
    sources: [{ recordingId: "drive" }, { recordingId: "drive", deviceId: "other" }],
  });
  expect(answer.json.sources.map(({ deviceIds }: { deviceIds: string[] }) => deviceIds)).toEqual([
    ["drive"],
    ["other"],
  ]);
});

test.each<[object, number, string]>([
  [{ recordingId: "none" }, 404, "recording none does not exist"],
  [{}, 400, "recordingId is missing: give it, or sources"],
  [
    { recordingId: "drive", sources: [{ recordingId: "drive" }] },
    400,
    "recordingId must be in each of the sources",
  ],
  [{ recordingId: "drive", rate: 0 }, 400, "rate must be a number from 0.01 to 10000"],
  [{ recordingId: "drive", rate: 10_001 }, 400, "rate must be a number from 0.01 to 10000"],
  [{ recordingId: "drive", rate: "fast" }, 400, "rate must be"],
  [{ recordingId: "drive", loop: true, timestamps: "original" }, 400, "would send only duplicates"],
  [{ recordingId: "drive", end: 1_444 }, 400, "the recording is 1443 seconds long"],
  [{ recordingId: "drive", copies: 1_001 }, 400, "copies must be"],
  [{ recordingId: "drive", deviceId: "a/b" }, 400, "deviceId must be"],
  [{ recordingId: "drive", speed: 2 }, 400, "speed"],
])("refuses %j", async (body, status, detail) => {
  const answer = await post(body);
  expect(answer.status).toBe(status);
  expect(answer.json.detail).toContain(detail);
  expect(await ports.replays.list({ limit: 1 })).toEqual({ items: [] });
});

test("answers 503 when the workflow does not start, and keeps the replay", async () => {
  const start = async () => Promise.reject(new UnavailableError("no Step Functions"));
  ports = { ...ports, workflows: { start } };
  const answer = await post({ recordingId: "drive" });
  expect(answer.status).toBe(503);
  expect(answer.headers["retry-after"]).toBeDefined();
  expect(await ports.replays.get("replay-1")).toMatchObject({ status: "failed" });
});
