import { parse } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import { parsePosition } from "../core/position/parse-position.ts";
import { POSITION_FIELDS, type Position } from "../core/position/position.ts";
import { PositionBuffer } from "../core/position/position-buffer.ts";
import { toCsv } from "./csv/write.ts";
import { decimal } from "./decimal.ts";
import { toGeoJson } from "./geojson/write.ts";
import { toGpx } from "./gpx/write.ts";

const T0 = Date.UTC(2026, 10, 20, 12);
const FULL: Position = {
  timestampMs: T0 + 999,
  latitude: -27.7178416,
  longitude: -51.0988659,
  elevationMeters: 984.28,
  accuracyMeters: 4,
  bearingDegrees: 125.86,
  speedMetersPerSecond: 0.01,
  satellites: 14,
  hdop: 0.8,
  vdop: 1.6,
  pdop: 1.8,
  distanceMeters: 0.01,
  elapsedSeconds: 1.001,
};
const BARE: Position = { timestampMs: T0 + 2000, latitude: 1e-7, longitude: -1e-7 };
const buffer = PositionBuffer.from([FULL, BARE]);
const elevated = PositionBuffer.from([FULL, { ...BARE, elevationMeters: 0 }]);

describe("decimal", () => {
  test.each([
    ["latitude", 1e-7, "0.0000001"],
    ["latitude", -90, "-90"],
    ["elevationMeters", 1_000_000, "1000000"],
    ["satellites", 10, "10"],
    ["satellites", 0, "0"],
    ["elapsedSeconds", 0.1, "0.1"],
  ] as const)("%s %d -> %s", (name, value, text) => {
    expect(decimal(name, value)).toBe(text);
  });
});

describe("CSV", () => {
  test("has the course's header and an empty cell for what was not reported", () => {
    expect(toCsv(buffer).split("\n")).toEqual([
      "timestamp,latitude,longitude,elevation,accuracy,bearing,speed_meters_per_second,satellites,hdop,vdop,pdop,distance_meters,elapsed_time_seconds",
      `${(T0 + 999) / 1000},-27.7178416,-51.0988659,984.28,4,125.86,0.01,14,0.8,1.6,1.8,0.01,1.001`,
      `${T0 / 1000 + 2}.000,0.0000001,-0.0000001,,,,,,,,,,`,
      "",
    ]);
  });

  test("read back gives the same positions, at the ends of every range too", () => {
    const extreme = (end: "minimum" | "maximum") => ({
      timestampMs: T0,
      ...Object.fromEntries(POSITION_FIELDS.map((field) => [field.name, field[end]])),
    });
    const written = PositionBuffer.from([
      FULL,
      BARE,
      extreme("minimum") as Position,
      extreme("maximum") as Position,
    ]);
    const rows: unknown[] = parse(toCsv(written), { columns: true });
    expect(rows.map((row) => parsePosition(row, T0))).toEqual([...written]);
  });
});

describe("GeoJSON", () => {
  test("is a line with times, in two dimensions unless every position has an elevation", () => {
    const feature = toGeoJson("car-1", buffer, "abc");
    expect(feature).toEqual({
      type: "Feature",
      geometry: {
        type: "LineString",
        coordinates: [
          [-51.0988659, -27.7178416],
          [-1e-7, 1e-7],
        ],
      },
      properties: { deviceId: "car-1", coordTimes: ["2026-11-20T12:00:00.999Z", "2026-11-20T12:00:02.000Z"] },
      cursor: "abc",
    });
    expect(toGeoJson("car-1", elevated).geometry?.coordinates).toEqual([
      [-51.0988659, -27.7178416, 984.28],
      [-1e-7, 1e-7, 0],
    ]);
  });

  test("with one position is a point, with none has no geometry", () => {
    const one = toGeoJson("car-1", PositionBuffer.from([BARE]));
    expect(one.geometry).toEqual({ type: "Point", coordinates: [-1e-7, 1e-7] });
    expect(toGeoJson("car-1", new PositionBuffer())).toEqual({
      type: "Feature",
      geometry: null,
      properties: { deviceId: "car-1", coordTimes: [] },
    });
  });
});

describe("GPX", () => {
  test("is a track whose elements stand in the order of the schema", () => {
    const gpx = toGpx("car-1", buffer);
    expect(gpx).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?><gpx version="1.1" creator="Backtrack" /);
    expect(gpx).toContain(
      '<trk><name>car-1</name><trkseg><trkpt lat="-27.7178416" lon="-51.0988659"><ele>984.28</ele>' +
        "<time>2026-11-20T12:00:00.999Z</time><sat>14</sat><hdop>0.8</hdop><vdop>1.6</vdop><pdop>1.8</pdop>" +
        "<extensions><gpxtpx:TrackPointExtension><gpxtpx:speed>0.01</gpxtpx:speed><gpxtpx:course>125.86</gpxtpx:course>" +
        "</gpxtpx:TrackPointExtension></extensions></trkpt>",
    );
    expect(gpx).toContain(
      '<trkpt lat="0.0000001" lon="-0.0000001"><time>2026-11-20T12:00:02.000Z</time></trkpt></trkseg></trk></gpx>',
    );
  });

  test("escapes names, and keeps to the schema's half-open ranges", () => {
    const edge = PositionBuffer.from([{ ...BARE, longitude: 180, bearingDegrees: 360 }]);
    const gpx = toGpx('<a & "b">', edge);
    expect(gpx).toContain("<name>&lt;a &amp; &quot;b&quot;&gt;</name>");
    expect(gpx).toContain('lon="-180"');
    expect(gpx).toContain("<gpxtpx:course>0</gpxtpx:course>");
  });

  test("without positions is an empty segment", () => {
    expect(toGpx("car-1", new PositionBuffer())).toContain("<trkseg></trkseg>");
    const odd = "a\u0000\u001f\ufffe\uffff\ud800b\udfff📦\ufffd\t";
    expect(toGpx(odd, new PositionBuffer())).toContain("<name>ab📦\ufffd\t</name>");
  });
});
