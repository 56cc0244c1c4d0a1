import { describe, expect, test } from "vitest";
import { isOver } from "../../../lib/core/share/share.ts";
import { parseTenantId } from "../../../lib/core/tenant/tenant-id.ts";
import { call, type HttpEventOptions } from "../../../test/http-event.ts";
import { NOW_MS, shareWorld } from "../../../test/share-world.ts";
import { createHandler } from "./handler.ts";

const HOME = { latitude: 46.05, longitude: 14.5 };

const given = async () => {
  const world = shareWorld();
  await world.giveDevice("van-7", [{ timestampMs: NOW_MS, ...HOME }]);
  const recording = { firstTimestampMs: NOW_MS, lastTimestampMs: NOW_MS + 86_400_000 };
  await world.giveRecording("drive", [{ timestampMs: NOW_MS, ...HOME }], { recording });
  const handler = createHandler(world.createPorts);
  const post = (body: unknown, options: HttpEventOptions = {}) =>
    call(handler, "POST /shares", { body, ...options });
  return { ...world, post };
};

test("shares a device from now on, by a link that is told once and of which only a hash is kept", async () => {
  const { post, links } = await given();
  const { status, headers, json } = await post({ deviceId: "van-7", expiresInSeconds: 3_600 });
  const { shareId, token } = json;
  expect(status).toBe(201);
  expect(headers.location).toBe(`/shares/${shareId}`);
  expect(json).toEqual({
    shareId: expect.stringMatching(/^[0-9A-Za-z]{11}$/),
    deviceId: "van-7",
    hide: [],
    createdAt: "2026-11-21T12:00:00.000Z",
    from: "2026-11-21T12:00:00.000Z",
    expiresAt: "2026-11-21T13:00:00.000Z",
    token: expect.stringMatching(/^bts_[0-9A-Za-z]{11}_[0-9A-Za-z]{49}$/),
    link: `/shared/${token}`,
  });
  const kept = JSON.stringify(await links.find(shareId));
  expect(kept).not.toContain(token.split("_")[2].slice(0, 10));
});

test("under a path of its own, the link leads there", async () => {
  const { post } = await given();
  const headers = { "x-forwarded-prefix": "/function/backtrack" };
  const { json } = await post({ deviceId: "van-7", expiresInSeconds: 3_600 }, { headers });
  expect(json.link).toBe(`/function/backtrack/shared/${json.token}`);
});

test("keeps every bound that was asked for", async () => {
  const { post } = await given();
  const hide = [{ ...HOME, radiusMeters: 250 }];
  const area = [170, -10, -170, 10];
  const { json } = await post({
    recordingId: "drive",
    expiresAt: "2026-12-01T00:00:00+01:00",
    from: "2026-11-21T00:30:00Z",
    to: String(NOW_MS),
    area,
    hide,
    name: "Dostava 📦",
  });
  expect(json).toMatchObject({
    recordingId: "drive",
    expiresAt: "2026-11-30T23:00:00.000Z",
    from: "2026-11-21T00:30:00.000Z",
    to: "2026-11-21T12:00:00.000Z",
    area,
    hide,
    name: "Dostava 📦",
  });
  expect(json.deviceId).toBeUndefined();
});

test("a recording is shared whole unless told when", async () => {
  const { post } = await given();
  const { json } = await post({ recordingId: "drive", expiresInSeconds: 1 });
  expect([json.from, json.to]).toEqual([undefined, undefined]);
});

test.each([
  [{}, "2026-11-21T00:00:00.000Z", "2026-11-22T23:59:59.999Z"],
  [{ from: "0", to: "2030-01-01T00:00:00Z" }, "2026-11-21T00:00:00.000Z", "2026-11-22T23:59:59.999Z"],
  [{ from: "2026-11-22T10:00:00Z" }, "2026-11-22T10:00:00.000Z", "2026-11-22T23:59:59.999Z"],
  // Nothing of the recording; and nothing that was not asked for.
  [{ to: "2026-11-19T10:00:00Z" }, "2026-11-19T10:00:00.000Z", "2026-11-19T10:00:00.000Z"],
  [{ from: "2026-11-25T10:00:00Z" }, "2026-11-25T10:00:00.000Z", "2026-11-25T10:00:00.000Z"],
])("with places, of a recording its UTC days are shown: %j", async (times, from, to) => {
  const { post } = await given();
  const hide = [{ ...HOME, radiusMeters: 250 }];
  const { json } = await post({ recordingId: "drive", expiresInSeconds: 60, hide, ...times });
  expect([json.from, json.to]).toEqual([from, to]);
});

describe("refuses", () => {
  const device = { deviceId: "van-7", expiresInSeconds: 60 };
  test.each([
    [{ expiresInSeconds: 60 }, "deviceId", "or recordingId must be given, and not both"],
    [{ ...device, recordingId: "drive" }, "deviceId", "or recordingId must be given, and not both"],
    [{ deviceId: "van-7" }, "expiresInSeconds", "or expiresAt must be given, and not both"],
    [
      { ...device, expiresAt: "2026-12-01T00:00:00Z" },
      "expiresInSeconds",
      "or expiresAt must be given, and not both",
    ],
    [{ ...device, expiresInSeconds: 0 }, "expiresInSeconds", expect.any(String)],
    [{ ...device, expiresInSeconds: 31_622_401 }, "expiresInSeconds", expect.any(String)],
    [
      { deviceId: "van-7", expiresAt: "2026-11-21T12:00:00Z" },
      "expiresAt",
      expect.stringMatching(/^must be in the future/),
    ],
    [
      { deviceId: "van-7", expiresAt: "2027-11-22T12:00:01Z" },
      "expiresAt",
      expect.stringMatching(/31622400 s at most$/),
    ],
    [{ deviceId: "van-7", expiresAt: "tomorrow" }, "expiresAt", expect.stringMatching(/^must be ISO 8601/)],
    [{ ...device, to: "2026-11-21T11:00:00Z" }, "from", "must be given where `to` is in the past"],
    [
      { ...device, from: "2026-11-21T11:00:00Z", to: "2026-11-21T10:00:00Z" },
      "from",
      "must not be after `to`",
    ],
    [{ ...device, area: [0, 10, 5, 9] }, "area", expect.stringMatching(/south not above north$/)],
    [{ ...device, area: [0, 91, 5, 92] }, "area", expect.stringMatching(/latitudes from -90 to 90/)],
    [{ ...device, area: [0, 1, 2] }, "area", expect.any(String)],
    [{ ...device, area: [0, 1, 181, 3] }, "area.2", expect.any(String)],
    [{ ...device, hide: [{ ...HOME, radiusMeters: 1 }] }, "hide.0.radiusMeters", expect.any(String)],
    [{ ...device, hide: [HOME] }, "hide.0.radiusMeters", expect.any(String)],
    [{ ...device, hide: Array(21).fill({ ...HOME, radiusMeters: 100 }) }, "hide", expect.any(String)],
    [{ ...device, name: "a\nb" }, "name", "must be 1 to 100 characters of text in one line"],
    [{ ...device, hidden: [] }, "hidden", expect.any(String)],
    [{ ...device, deviceId: "a/b" }, "deviceId", expect.any(String)],
  ])("%j", async (body, field, rule) => {
    const { post } = await given();
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(answer.json.errors).toEqual([expect.objectContaining({ field, rule })]);
  });

  test.each([
    [{ deviceId: "ghost" }, "device ghost was never heard, or only within the last seconds"],
    [{ recordingId: "none" }, "recording none does not exist"],
  ])("what does not exist: %j", async (thing, detail) => {
    const { post } = await given();
    const answer = await post({ ...thing, expiresInSeconds: 60 });
    expect(answer).toMatchObject({ status: 404, json: { detail } });
  });

  test("what is another tenant's, in the words for what does not exist", async () => {
    const { post } = await given();
    const caller = { tenant: parseTenantId("acme") };
    const answer = await post({ deviceId: "van-7", expiresInSeconds: 60 }, { caller });
    expect(answer).toMatchObject({ status: 404 });
  });

  test("what a key with a device prefix is not for", async () => {
    const { post } = await given();
    const bus = { caller: { devicePrefix: "bus-" } };
    const van = { caller: { devicePrefix: "van-" } };
    expect((await post({ deviceId: "van-7", expiresInSeconds: 60 }, bus)).status).toBe(403);
    expect((await post({ recordingId: "drive", expiresInSeconds: 60 }, van)).status).toBe(403);
    expect((await post({ deviceId: "van-7", expiresInSeconds: 60 }, van)).status).toBe(201);
  });
});

describe("a key that expires", () => {
  const caller = { keyId: "k-1", keyExpiresAtSeconds: NOW_MS / 1000 + 60 };

  test("makes no link that works longer than the key", async () => {
    const { post } = await given();
    const errors = async (body: object) => {
      const { status, json } = await post({ deviceId: "van-7", ...body }, { caller });
      return [status, json.errors];
    };
    const rule = "must not be after the key expires, at 2026-11-21T12:01:00.000Z";
    expect(await errors({ expiresInSeconds: 61 })).toEqual([
      400,
      [{ field: "expiresInSeconds", value: 61, rule }],
    ]);
    const late = "2026-11-21T12:01:01.000Z";
    expect(await errors({ expiresAt: late })).toEqual([400, [{ field: "expiresAt", value: late, rule }]]);
    expect(await errors({ expiresInSeconds: 60 })).toEqual([201, undefined]);
  });

  test("is named in the share, for whoever looks for the links that it made", async () => {
    const { post, shares } = await given();
    const { json } = await post({ deviceId: "van-7", expiresInSeconds: 60 }, { caller });
    expect(json.keyId).toBe("k-1");
    const [kept] = (await shares(parseTenantId("default")).list({ limit: 2 }, NOW_MS)).items;
    expect(kept.keyId).toBe("k-1");
  });
});

test("the longest share lasts that long, whatever the clock's milliseconds are", async () => {
  const { post, clock, links } = await given();
  clock.nowMs += 1;
  const { status, json } = await post({ deviceId: "van-7", expiresInSeconds: 31_622_400 });
  expect(status).toBe(201);
  const share = await links.find(json.shareId);
  expect(share && isOver(share, clock.nowMs + 31_622_400_000 - 1)).toBe(false);
});
