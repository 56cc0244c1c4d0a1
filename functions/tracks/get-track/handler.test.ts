import { parse } from "csv-parse/sync";
import { beforeAll, describe, expect, test } from "vitest";
import { memoryDeviceStore } from "../../../lib/adapters/memory/device-store.ts";
import { memoryTrackStore } from "../../../lib/adapters/memory/track-store.ts";
import { zstd } from "../../../lib/adapters/zstd.ts";
import { parsePosition } from "../../../lib/core/position/parse-position.ts";
import { POSITION_FIELDS, type Position } from "../../../lib/core/position/position.ts";
import { PositionBuffer } from "../../../lib/core/position/position-buffer.ts";
import { compressSegment, encodeSegment } from "../../../lib/core/segment/segment.ts";
import { deviceTrack } from "../../../lib/core/track/track-store.ts";
import { TRACK_FILE_FORMATS } from "../../../lib/formats/track-formats.ts";
import { deviceStateOf } from "../../../test/device-state.ts";
import { call } from "../../../test/http-event.ts";
import { damagedHeader } from "./damaged.ts";
import definition from "./definition.ts";
import { createHandler } from "./handler.ts";

const ROUTE = "GET /devices/{deviceId}/track";
const T0 = Date.UTC(2026, 10, 20, 12);
const devices = memoryDeviceStore();
const tracks = memoryTrackStore();
const handler = createHandler(() => ({ devices, tracks, compression: zstd }));

const positionAt = (second: number): Position => ({
  timestampMs: T0 + second * 1000,
  latitude: 48 + second * 1e-4,
  longitude: 11,
  speedMetersPerSecond: 11.1,
});

/** A device whose first positions are sealed, in segments of `perSegment`, and whose last are its tail. */
const give = async (deviceId: string, sealed: Position[], tail: Position[], perSegment: number) => {
  for (let from = 0; from < sealed.length; from += perSegment) {
    const positions = sealed.slice(from, from + perSegment);
    await tracks.put(deviceTrack(deviceId), [
      {
        kind: "sealed",
        firstTimestampMs: positions[0].timestampMs,
        lastTimestampMs: positions[positions.length - 1].timestampMs,
        positionCount: positions.length,
        data: compressSegment(encodeSegment(PositionBuffer.from(positions)), zstd),
      },
    ]);
  }
  const sealedUntilMs = sealed.at(-1)?.timestampMs;
  await devices.save(
    deviceStateOf(deviceId, tail, { sealedUntilMs, positionCount: sealed.length + tail.length }),
  );
};

const seconds = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
const get = (query: Record<string, string | number> = {}, headers: Record<string, string> = {}) =>
  call(handler, ROUTE, { path: { deviceId: "car-1" }, query, headers });
const told = (json: { positions: { timestamp: string }[] }) =>
  json.positions.map(({ timestamp }) => (Date.parse(timestamp) - T0) / 1000);

beforeAll(() => give("car-1", seconds(0, 20).map(positionAt), seconds(20, 25).map(positionAt), 7));

describe("JSON", () => {
  test("holds every position of segments and tail, once, in time order", async () => {
    const answer = await get();
    expect(answer.status).toBe(200);
    expect(told(answer.json)).toEqual(seconds(0, 25));
    expect(answer.json.positions[1]).toEqual({
      timestamp: "2026-11-20T12:00:01.000Z",
      latitude: 48.0001,
      longitude: 11,
      speedMetersPerSecond: 11.1,
    });
    expect(Object.keys(answer.json)).toEqual(["deviceId", "positions"]);
    expect(answer.headers.link).toBeUndefined();
  });

  test("keeps to the range, both ends inclusive, in every notation", async () => {
    const from = "2026-11-20T12:00:05Z";
    const to = "2026-11-20T13:00:21+01:00";
    expect(told((await get({ from, to })).json)).toEqual(seconds(5, 22));
    expect(told((await get({ from: T0 / 1000 + 5, to: T0 + 21_000 })).json)).toEqual(seconds(5, 22));
    expect(told((await get({ from: T0 + 1e9 })).json)).toEqual([]);
  });

  test("takes a zone whose plus sign was not encoded", async () => {
    const answer = await get({ from: "2026-11-20T13:00:24 01:00" });
    expect(told(answer.json)).toEqual([24]);
  });

  test("pages by cursor through segments and tail", async () => {
    const pages: number[][] = [];
    let query: Record<string, string> = { limit: "6", from: String(T0 + 1000) };
    for (;;) {
      const answer = await get(query);
      pages.push(told(answer.json));
      const link = /^<(\?.+)>; rel="next"$/.exec(String(answer.headers.link ?? ""));
      if (!link) break;
      query = Object.fromEntries(new URLSearchParams(link[1]));
      expect(query).toEqual({ limit: "6", from: String(T0 + 1000), cursor: answer.json.cursor });
    }
    expect(pages.map(({ length }) => length)).toEqual([6, 6, 6, 6]);
    expect(pages.flat()).toEqual(seconds(1, 25));
  });
});

describe("other formats", () => {
  test.each([
    [{ format: "csv" }, {}, "text/csv"],
    [{}, { accept: "text/csv" }, "text/csv"],
    [{ format: "gpx" }, { accept: "text/csv" }, "application/gpx+xml"],
    [{}, { accept: "image/png, application/geo+json;q=0.3" }, "application/geo+json"],
    [{}, { accept: "text/html,application/xml;q=0.9,*/*;q=0.8" }, "application/json"],
  ])("%j with %j is %s", async (query, headers, contentType) => {
    const answer = await get(query as Record<string, string>, headers as Record<string, string>);
    expect([answer.status, answer.headers["content-type"]]).toEqual([200, contentType]);
    expect(answer.headers.vary).toBe("accept");
  });

  test("CSV can be read back as the same positions; the next page is in the header", async () => {
    const answer = await get({ format: "csv", limit: 10 });
    const rows: unknown[] = parse(answer.text, { columns: true });
    expect(rows.map((row) => parsePosition(row, T0))).toEqual(seconds(0, 10).map(positionAt));
    expect(answer.headers.link).toMatch(/^<\?format=csv&limit=10&cursor=\w+>; rel="next"$/);
  });

  test("GeoJSON carries the cursor as a foreign member too", async () => {
    const { json, headers } = await get({ format: "geojson", limit: 2 });
    expect(json.properties.coordTimes).toEqual(["2026-11-20T12:00:00.000Z", "2026-11-20T12:00:01.000Z"]);
    expect(headers.link).toContain(`cursor=${json.cursor}`);
  });

  test("nothing that fits is a 406", async () => {
    const answer = await get({}, { accept: "image/png" });
    expect(answer).toMatchObject({
      status: 406,
      json: {
        type: "urn:backtrack:problem:not-acceptable",
        detail: "a track is offered as application/json, application/geo+json, application/gpx+xml, text/csv",
      },
    });
  });
});

describe("refuses", () => {
  test.each([
    [{ limit: 10_001 }, "limit", "must be a whole number from 1 to 10000"],
    [{ limit: 0 }, "limit", "must be a whole number from 1 to 10000"],
    [{ from: "yesterday" }, "from", expect.stringMatching(/^must be ISO 8601 with its zone/)],
    [{ to: "2026-11-20T12:00:00" }, "to", expect.stringMatching(/^must be ISO 8601 with its zone/)],
    [{ to: T0 * 1e6 }, "to", expect.stringMatching(/^must be ISO 8601 with its zone/)],
    [{ from: T0 + 1, to: T0 }, "from", "must not be after `to`"],
    [{ cursor: "made up" }, "cursor", "must come from the previous page"],
    [{ cursor: "-1" }, "cursor", "must come from the previous page"],
    [{ format: "kml" }, "format", "must be one of json, geojson, gpx, csv"],
    [
      { since: 1 },
      "since",
      expect.stringMatching(/^is not a parameter here; the parameters are: from, to, limit, cursor, format/),
    ],
  ])("%j", async (query, field, rule) => {
    const answer = await get(query as Record<string, string>);
    expect(answer.status).toBe(400);
    expect(answer.json.errors).toEqual([expect.objectContaining({ field, rule })]);
  });

  test("a device that was never heard: 404", async () => {
    expect((await call(handler, ROUTE, { path: { deviceId: "ghost" } })).status).toBe(404);
  });
});

test("the longest page of the fullest positions fits a Lambda response in every format", async () => {
  const longest = (second: number): Position => ({
    ...(Object.fromEntries(
      POSITION_FIELDS.map(({ name, quantaPerUnit, maximum }) => [name, maximum - 1 / quantaPerUnit]),
    ) as unknown as Position),
    latitude: -89.1234567,
    longitude: -179.1234567,
    timestampMs: T0 + second * 1000 + 1,
  });
  await give("full", seconds(0, 10_000).map(longest), [longest(10_000)], 500);
  for (const format of ["json", "geojson", "gpx", "csv"]) {
    const answer = await call(handler, ROUTE, {
      path: { deviceId: "full" },
      query: { format, limit: 10_000 },
    });
    expect(answer.status).toBe(200);
    expect(JSON.stringify(answer.text).length, format).toBeLessThan(6_000_000);
  }
});

describe("finding 12: a damaged segment", () => {
  const rotten = async (deviceId: string) => {
    await give(deviceId, seconds(0, 20).map(positionAt), seconds(20, 25).map(positionAt), 5);
    const trackId = deviceTrack(deviceId);
    for await (const segment of tracks.segments(trackId, { fromMs: T0 + 5000, toMs: T0 + 5000 })) {
      if (segment.kind === "late") continue;
      const data = segment.data.slice();
      data[9] ^= 4;
      await tracks.put(trackId, [{ ...segment, data }]);
    }
  };
  const gap = "2026-11-20T12:00:05.000Z/2026-11-20T12:00:09.000Z";

  test("is no 500: its neighbours are told, and what is missing", async () => {
    await rotten("rotten");
    const answer = await call(handler, ROUTE, { path: { deviceId: "rotten" } });
    expect(answer.status).toBe(200);
    expect(told(answer.json)).toEqual([...seconds(0, 5), ...seconds(10, 25)]);
    const [from, to] = gap.split("/");
    expect(answer.json.damaged).toEqual([{ from, to, positionCount: 5 }]);
    expect(answer.headers["x-damaged"]).toBe(gap);
  });

  test.each(["csv", "gpx", "geojson"])("is told of in a header beside %s", async (format) => {
    await rotten(`rotten-${format}`);
    const answer = await call(handler, ROUTE, { path: { deviceId: `rotten-${format}` }, query: { format } });
    expect([answer.status, answer.headers["x-damaged"]]).toEqual([200, gap]);
  });

  test("is not spoken of where there is none", async () => {
    const answer = await get();
    expect(answer.json).not.toHaveProperty("damaged");
    expect(answer.headers).not.toHaveProperty("x-damaged");
  });

  test("the header names some of many gaps, and says how many more there are", () => {
    const gaps = Array.from({ length: 50 }, (_, index) => ({
      fromMs: T0 + index * 1000,
      toMs: T0 + index * 1000,
      positionCount: 1,
    }));
    const { "x-damaged": header } = damagedHeader(gaps);
    expect(header.split(", ")).toHaveLength(21);
    expect(header).toMatch(/, and 30 more$/);
  });
});

test("declares every format that tracks are written in, and no other", () => {
  const [{ query, responses }] = definition.routes;
  const { enum: names } = query.properties.format;
  expect(names).toEqual(["json", ...Object.keys(TRACK_FILE_FORMATS)]);
  const types = Object.values(TRACK_FILE_FORMATS).map(({ contentType }) => contentType);
  expect(Object.keys(responses[200].content)).toEqual(["application/json", ...types]);
});
