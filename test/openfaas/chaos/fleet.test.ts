import { expect, test } from "vitest";
import { expectedDevices, fleetRounds, sendsLate, sendsOverHttp } from "./fleet.ts";

test("a fleet is the same for the same seed, sends every way, twice and late, and each position counts once", () => {
  const size = { devices: 40, rounds: 50, seed: 1 };
  const records = fleetRounds(size).flat();
  expect(records).toHaveLength(2_000);
  expect(fleetRounds(size).flat()).toEqual(records);
  expect(fleetRounds({ ...size, seed: 2 }).flat()).not.toEqual(records);
  expect(records.some(({ deviceId }) => sendsOverHttp(deviceId))).toBe(true);
  const isOutOfOrder = (positions: readonly { timestampMs: number }[]) =>
    positions.some(({ timestampMs }, index) => index > 0 && timestampMs <= positions[index - 1].timestampMs);

  const expected = expectedDevices(records);
  expect(expected).toHaveLength(40);
  const counted = expected.reduce((sum, { track }) => sum + track.length, 0);
  expect(records.flatMap(({ positions }) => positions).length).toBeGreaterThan(counted);
  for (const { deviceId, track, odometerMeters } of expected) {
    const sent = records
      .filter((record) => record.deviceId === deviceId)
      .flatMap(({ positions }) => positions);
    expect(isOutOfOrder(track)).toBe(false);
    expect(new Set(sent.map(({ timestampMs }) => timestampMs)).size).toBe(track.length);
    if (!sendsLate(deviceId)) expect(odometerMeters).toBeGreaterThan(0);
  }
  const late = records.filter(({ deviceId }) => sendsLate(deviceId));
  expect(isOutOfOrder(late.flatMap(({ positions }) => positions))).toBe(true);
});
