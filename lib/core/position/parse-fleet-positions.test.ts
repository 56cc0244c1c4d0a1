import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DeviceLimit, MAXIMUM_DEVICES, parseFleetPositions } from "./parse-fleet-positions.ts";
import { parsePositions } from "./parse-positions.ts";

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const at = (deviceId: unknown, seconds = 0) => ({
  deviceId,
  timestamp: NOW_MS / 1000 - seconds,
  latitude: 1.5,
  longitude: -2.25,
});
const ALL = { isAllowed: () => true, rule: "" };
const VANS = { isAllowed: (deviceId: string) => deviceId.startsWith("van-"), rule: "must begin with van-" };
const parse = (body: unknown, limit: DeviceLimit = ALL) =>
  parseFleetPositions(
    new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body)),
    NOW_MS,
    limit,
  );

describe("finding 23: positions of many devices in one body", () => {
  test("go to their devices, by either name, each in the body's order", () => {
    const { deviceId, ...rest } = at("van-2");
    const { positions, accepted } = parse([
      at("van-1", 5),
      { ...rest, device_id: deviceId },
      at("van-1", 3),
      at(7),
    ]);
    expect(accepted).toBe(4);
    expect([...positions.keys()]).toEqual(["van-1", "van-2", "7"]);
    const [first] = positions.values();
    expect([...(first ?? [])].map(({ timestampMs }) => NOW_MS - timestampMs)).toEqual([5_000, 3_000]);
  });

  test.each([
    ["none", undefined, "is missing"],
    ["null", null, "is missing"],
    ["empty", "", /must be 1 to 128/],
    ["with a slash", "van/1", /must be 1 to 128/],
    ["a fraction", 1.5, /must be 1 to 128/],
    ["an object", { toString: 1 }, /must be 1 to 128/],
    ["a list", ["van-1"], /must be 1 to 128/],
  ])("a device id that is %s is refused, and the others are taken", (_, deviceId, rule) => {
    const { accepted, refused, rejected } = parse([at("van-1"), at(deviceId), at("van-2")]);
    expect({ accepted, refused }).toEqual({ accepted: 2, refused: 1 });
    expect(rejected).toEqual([
      expect.objectContaining({ index: 1, field: "deviceId", rule: expect.stringMatching(rule) }),
    ]);
  });

  test("an element that is no object, a bad position and a broken line are refused by their index", () => {
    const lines = [
      JSON.stringify(at("van-1")),
      "7",
      JSON.stringify({ ...at("van-1"), latitude: 91 }),
      "{broken",
    ];
    const { accepted, rejected, positions } = parse(lines.join("\n"));
    expect(accepted).toBe(1);
    expect(rejected.map(({ index, field }) => [index, field])).toEqual([
      [1, "position"],
      [2, "latitude"],
      [3, "position"],
    ]);
    expect(positions.get("van-1")?.count).toBe(1);
  });

  test("of a device that is not the caller's: refused, counted, and nothing of it is kept", () => {
    const { positions, accepted, forbidden, rejected } = parse([at("car-1"), at("van-1"), at("car-1")], VANS);
    expect({ accepted, forbidden }).toEqual({ accepted: 1, forbidden: 2 });
    expect([...positions.keys()]).toEqual(["van-1"]);
    expect(rejected.map(({ index, rule }) => [index, rule])).toEqual([
      [0, "must begin with van-"],
      [2, "must begin with van-"],
    ]);
  });

  test("of more devices than one request may have: the first are taken, the others told so", () => {
    const { positions, refused, rejected } = parse(
      Array.from({ length: MAXIMUM_DEVICES + 2 }, (_, index) => at(`van-${index}`)),
    );
    expect(positions.size).toBe(MAXIMUM_DEVICES);
    expect(refused).toBe(2);
    expect(rejected[0]).toMatchObject({
      index: MAXIMUM_DEVICES,
      rule: "must be one of at most 1000 in one request",
    });
  });

  test("each device gets what it would have got by a request of its own", () => {
    const element = fc.record({
      deviceId: fc.constantFrom("a", "b", "c"),
      timestamp: fc.integer({ min: NOW_MS - 60_000, max: NOW_MS }),
      latitude: fc.constantFrom(1, 91, "x", 45.5),
      longitude: fc.double({ min: -180, max: 180, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(element, { minLength: 1, maxLength: 20 }), (elements) => {
        const together = parse(elements);
        for (const deviceId of ["a", "b", "c"]) {
          const own = elements.filter((each) => each.deviceId === deviceId);
          if (own.length === 0) continue;
          const alone = parsePositions(new TextEncoder().encode(JSON.stringify(own)), NOW_MS, deviceId);
          expect([...(together.positions.get(deviceId) ?? [])]).toEqual([...alone.positions]);
        }
      }),
      { numRuns: 100 },
    );
  });
});
