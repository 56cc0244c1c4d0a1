import { describe, expect, test } from "vitest";
import type { AcceptRun } from "./cost-accept.ts";
import { countsOf, linesOf, totalOf } from "./cost-lines.ts";
import { DEVICES, SCENARIOS, type Scenario } from "./cost-scenarios.ts";
import type { TrackRun } from "./cost-track.ts";
import { reportsBySecond } from "./cost-workload.ts";

/** 100 positions, ten in a request. */
const accept: AcceptRun = {
  positions: 100,
  requests: 10,
  keyReads: { writeUnits: 0, readUnits: 1, requests: 1 },
  log: { lines: 1, bytes: 1_000 },
  responseBytes: 1_000,
  cpuSeconds: 0.01,
  seconds: [
    {
      atMs: 0,
      records: Array.from({ length: 10 }, () => ({ partitionKey: "van", data: new Uint8Array(90) })),
    },
  ],
};
/** Of another run: 200 positions. */
const track: TrackRun = {
  positions: 200,
  consumption: { writeUnits: 22, readUnits: 20, requests: 30 },
  log: { lines: 0, bytes: 0 },
  storedBytes: 2_000,
  cpuSeconds: 0.01,
};
const named = (name: string): Scenario => {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (!found) throw new Error(`no scenario is called ${name}`);
  return found;
};

describe("finding 23: the cost of a million positions", () => {
  test("scales each run's counts by its own positions", () => {
    const counts = countsOf(named("HTTP API, 10"), accept, track);
    expect(counts).toMatchObject({
      requests: 100_000,
      streamUnits: 100_000,
      writeUnits: 110_000,
      readUnits: 100_000 + 10_000,
      logBytes: 10_000_000,
      storedBytes: 10_000_000,
    });
    // 1,000 s at 1,000 positions a second; two lanes of one shard, each polled once a second.
    expect(counts.hours).toBeCloseTo(1_000 / 3_600);
    expect(counts.batches).toBeCloseTo(2_000);
    // 100 s of a core's 1,769 MB, and 10.5 ms of 256 MB for each request.
    expect(counts.acceptGigabyteSeconds).toBeCloseTo((100 * 1_769 + 1_050 * 256) / 1_024);
  });

  test("each line is a count times its price, and the total is their sum", () => {
    const scenario = named("HTTP API, 10");
    const counts = countsOf(scenario, accept, track);
    const lines = linesOf(scenario, counts, 26.28);
    expect(lines.gateway).toBeCloseTo(0.1);
    expect(lines.accept).toBeCloseTo(0.02 + counts.acceptGigabyteSeconds * 0.0000133334);
    expect(lines.stream).toBeCloseTo((1_000 / 3_600) * 0.015 + 0.1 * 0.014);
    expect(lines.tables).toBeCloseTo(0.11 * 0.625 + 0.11 * 0.125);
    expect(lines.logs).toBeCloseTo((10_000_000 / 2 ** 30) * 0.53);
    expect(lines.storage).toBeCloseTo((10_000_000 / 2 ** 30) * 0.45);
    // 2,628 million positions a month share it.
    expect(lines.fixed).toBeCloseTo(0.01);
    expect(totalOf(lines)).toBeCloseTo(Object.values(lines).reduce((sum, line) => sum + line));
  });

  test("has no gateway at a function's own URL, and with PutRecord none of our functions before the stream", () => {
    const dollars = (name: string) => linesOf(named(name), countsOf(named(name), accept, track), 10);
    expect(dollars("function URL, 10")).toMatchObject({ gateway: 0 });
    expect(dollars("function URL, 10").accept).toBeGreaterThan(0);
    expect(dollars("PutRecord, 10")).toMatchObject({ gateway: 0, accept: 0, out: 0 });
  });

  test("a state window makes fewer batches, and a slow fleet pays longer for the stream", () => {
    const counts = (name: string) => countsOf(named(name), accept, track);
    expect(counts("function URL, window 10 s, 10").batches).toBeCloseTo(200);
    expect(counts("HTTP API, by the minute").hours / counts("HTTP API, 10").hours).toBeCloseTo(60);
    const scenario = named("HTTP API, by the minute");
    expect(linesOf(scenario, counts(scenario.name), 26.28).fixed).toBeCloseTo(0.6);
  });

  test("every road and size has a row", () => {
    const rows = SCENARIOS.filter(({ positionsPerSecond }) => positionsPerSecond === DEVICES);
    for (const ingest of ["gateway", "own address", "stream"]) {
      for (const size of [1, 10, 60]) {
        const found = rows.filter((row) => row.ingest === ingest && row.positionsPerReport === size);
        expect(found.length, `${ingest}, ${size}`).toBeGreaterThan(0);
      }
    }
    expect(SCENARIOS.length - rows.length).toBe(3);
  });
});

test("finding 23: devices report by turns, each position once and in order", () => {
  const track = (deviceId: string) =>
    Array.from({ length: 7 }, (_, second) => ({
      timestampMs: second * 1_000,
      latitude: 1,
      longitude: 2,
      deviceId,
    }));
  const fleet = new Map(["a", "b", "c"].map((deviceId) => [deviceId, track(deviceId)]));
  const seconds = [...reportsBySecond(fleet, 3)];
  expect(seconds.map((reports) => reports.length)).toEqual([1, 1, 1, 1, 1, 1, 1]);
  const sentOfA = seconds.flat().filter(({ deviceId }) => deviceId === "a");
  expect(sentOfA.flatMap(({ positions }) => positions.map(({ timestampMs }) => timestampMs / 1_000))).toEqual(
    [0, 1, 2, 3, 4, 5],
  );
});
