import { beforeEach, expect, test } from "vitest";
import { memoryRecordingStore } from "../../../lib/adapters/memory/recording-store.ts";
import { memoryTrackStore } from "../../../lib/adapters/memory/track-store.ts";
import { recordingReader } from "../../../lib/adapters/recording-reader.ts";
import { zstd } from "../../../lib/adapters/zstd.ts";
import { perTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { FORMATS } from "../../../lib/formats/registry.ts";
import { call } from "../../../test/http-event.ts";
import definition from "./definition.ts";
import { createHandler } from "./handler.ts";

const ROUTE = "POST /recordings";
const HEADER = "timestamp,latitude,longitude,speed_meters_per_second";
const CSV = [HEADER, "1577218887.999,48.1,11.5,3.25", "1577218888.999,48.2,11.6,4.5", ""].join("\n");

let handler: ReturnType<typeof createHandler>;
const recordings = () => memoryRecordingStore();
beforeEach(() => {
  handler = createHandler(
    perTenant(() => ({
      recordings: recordings(),
      tracks: memoryTrackStore(),
      compression: zstd,
      reader: recordingReader,
      now: () => Date.parse("2026-11-20T12:00:00Z"),
    })),
  );
});

test("imports a file and answers where the recording is", async () => {
  const answer = await call(handler, ROUTE, {
    query: { name: "first drive.csv" },
    headers: { "content-type": "text/csv" },
    body: CSV,
  });
  expect(answer.status).toBe(201);
  expect(answer.headers.location).toBe(`/recordings/${answer.json.recordingId}`);
  expect(answer.json).toEqual({
    recordingId: expect.stringMatching(/^first-drive-[0-9a-f]{12}$/),
    name: "first drive.csv",
    format: "csv",
    positionCount: 2,
    firstTimestamp: "2019-12-24T20:21:27.999Z",
    lastTimestamp: "2019-12-24T20:21:28.999Z",
    durationSeconds: 1,
    distanceMeters: expect.any(Number),
    rejectedRowCount: 0,
    duplicateCount: 0,
    contentHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    createdAt: "2026-11-20T12:00:00.000Z",
    rejected: [],
  });
});

test("answers 200 and the same recording when the file was imported before, however curl calls it", async () => {
  const first = await call(handler, ROUTE, { query: { name: "x" }, body: CSV });
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const second = await call(handler, ROUTE, {
    query: { name: "x" },
    headers,
    body: new TextEncoder().encode(CSV),
  });
  expect(first.status).toBe(201);
  expect(second.status).toBe(200);
  expect(second.json).toEqual(first.json);
});

test("reports a broken row and imports the others", async () => {
  const { status, json } = await call(handler, ROUTE, { body: `${CSV}1577218889.999,91,11.5,fast\n` });
  expect(status).toBe(201);
  expect(json).toMatchObject({
    positionCount: 2,
    rejectedRowCount: 1,
    rejected: [
      {
        line: 4,
        problems: [
          { field: "latitude", value: "91", rule: "must be between -90 and 90" },
          { field: "speedMetersPerSecond", value: "fast" },
        ],
      },
    ],
  });
});

test.each([
  ["an empty file", "", 400, "the file is empty"],
  ["a header alone", HEADER, 400, "the file has a header and no rows"],
  ["a binary file", new Uint8Array([0x50, 0x4b, 3, 4, 0, 0]), 415, "the file is binary"],
  ["another header", "time,lat,lon\n1,2,3\n", 400, "the header has no column timestamp, latitude, longitude"],
  ["no row that is a position", `${HEADER}\n1,2\n`, 400, "none of the file's 1 rows is a position"],
])("refuses %s", async (_, body, status, detail) => {
  const answer = await call(handler, ROUTE, { body });
  expect(answer.status).toBe(status);
  expect(answer.json.detail).toContain(detail);
});

test("refuses what says that it is something else, and a file that is too large", async () => {
  const json = await call(handler, ROUTE, { headers: { "content-type": "application/json" }, body: CSV });
  expect(json.status).toBe(415);
  const large = await call(handler, ROUTE, { body: CSV + "x".repeat(5_750_000) });
  expect(large.status).toBe(413);
  const unknown = await call(handler, ROUTE, { query: { title: "x" }, body: CSV });
  expect(unknown.status).toBe(400);
});

test("declares the media types of every format that can be read", () => {
  const readable = FORMATS.filter((format) => "read" in format);
  const [{ body }] = definition.routes;
  expect(body.contentTypes).toEqual(readable.flatMap(({ mediaTypes }) => mediaTypes));
});
