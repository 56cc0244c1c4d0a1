import { describe, expect, test } from "vitest";
import accept from "../../functions/ingest/accept-positions/definition.ts";
import { PROTOCOLS, protocolOf } from "./registry.ts";

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const ANY = { isAllowed: () => true, rule: "" };
const bytesOf = (body: unknown) => new TextEncoder().encode(JSON.stringify(body));
const at = (second: number) => ({ timestamp: NOW_MS + second * 1000, latitude: 1, longitude: 2 });
const reading = { nowMs: NOW_MS + 60_000, devices: ANY };

describe("the protocols", () => {
  test("are spoken on every route that takes positions, one on each", () => {
    const routes = PROTOCOLS.flatMap((protocol) => [...protocol.routes]);
    expect(routes.sort()).toEqual(accept.routes.map(({ method, path }) => `${method} ${path}`).sort());
    expect(new Set(routes).size).toBe(routes.length);
    expect(() => protocolOf("GET /devices")).toThrow("no protocol is spoken on GET /devices");
  });
});

describe("our own", () => {
  const OF_ONE = { parameters: { deviceId: "car-1" }, body: bytesOf([at(1), at(2)]) };
  const OF_MANY = {
    parameters: {},
    body: bytesOf([{ ...at(1), deviceId: "a" }, { ...at(2), deviceId: "b" }, at(3)]),
  };
  const ofOne = protocolOf("POST /devices/{deviceId}/positions");
  const ofMany = protocolOf("POST /positions");

  test("tells whose positions they are: the path's, or each its own", () => {
    expect([ofOne.device(OF_ONE), ofMany.device(OF_MANY)]).toEqual(["car-1", undefined]);
    const one = ofOne.positions(OF_ONE, reading);
    expect([...one.positions].map(([device, { count }]) => [device, count])).toEqual([["car-1", 2]]);
    const many = ofMany.positions(OF_MANY, reading);
    expect([...many.positions].map(([device, { count }]) => [device, count])).toEqual([
      ["a", 1],
      ["b", 1],
    ]);
    expect(many).toMatchObject({ accepted: 2, refused: 1, rejected: [{ field: "deviceId", index: 2 }] });
  });

  test("holds each position to the devices that the sender may speak for", () => {
    const devices = { isAllowed: (device: string) => device === "b", rule: "must be b" };
    const sent = ofMany.positions(OF_MANY, { ...reading, devices });
    expect([...sent.positions.keys()]).toEqual(["b"]);
    expect(sent).toMatchObject({ accepted: 1, forbidden: 1 });
  });

  test.each([
    ["a bearer's", { authorization: "Bearer bt_a" }, "bt_b", "bt_a"],
    ["x-api-key", { "x-api-key": " bt_a " }, "bt_b", "bt_a"],
    ["the query's, for who can't set headers", { authorization: "Basic dTpw" }, "bt_b", "bt_b"],
    ["none", {}, undefined, undefined],
  ])("takes as key: %s", (_, headers, inQuery, key) => {
    const query = (name: string) => (name === "key" ? inQuery : undefined);
    expect(ofOne.credentials({ headers, query })).toBe(key);
  });

  test("replies with what was accepted, and where one device shows it", () => {
    const outcome = { accepted: 1, rejected: [] };
    expect(ofOne.reply({ ...outcome, device: "car:1" })).toEqual({
      status: 202,
      headers: { location: "/devices/car%3A1", "retry-after": "2" },
      body: { accepted: 1, rejected: [] },
    });
    expect(ofMany.reply({ ...outcome, device: undefined })).toEqual({ status: 202, body: outcome });
  });
});
