import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { memoryRequestCounter } from "../../../lib/adapters/memory/request-counter.ts";
import type { Position } from "../../../lib/core/position/position.ts";
import { PositionBuffer } from "../../../lib/core/position/position-buffer.ts";
import { placeFilter } from "../../../lib/core/share/area.ts";
import type { ShareBounds } from "../../../lib/core/share/share.ts";
import { requestMeter } from "../../../lib/core/tenant/request-meter.ts";
import { parseTenantId, type TenantId } from "../../../lib/core/tenant/tenant-id.ts";
import { deviceTrack, type StoredSegment } from "../../../lib/core/track/track-store.ts";
import { call, type HttpAnswer } from "../../../test/http-event.ts";
import { propertyRuns } from "../../../test/property-runs.ts";
import { RECORDING } from "../../../test/samples.ts";
import { NOW_MS, shareWorld } from "../../../test/share-world.ts";
import { createHandler } from "./handler.ts";

const SHOW = "GET /shared/{token}";
const TRACK = "GET /shared/{token}/track";
const FORMATS = ["json", "geojson", "gpx", "csv"];

type Handler = ReturnType<typeof createHandler>;
type Query = Record<string, string | number>;

const show = (handler: Handler, token: string) => call(handler, SHOW, { path: { token } });
const track = (handler: Handler, token: string, query: Query = {}) =>
  call(handler, TRACK, { path: { token }, query });

/** Everything but the request's own id. */
const told = ({ status, headers, text }: HttpAnswer) => ({ status, headers, text });

/** Every page of a track, as it was answered. */
const allPages = async (handler: Handler, token: string, query: Query): Promise<HttpAnswer[]> => {
  const pages: HttpAnswer[] = [];
  for (let next: Query | undefined = query; next; ) {
    const page: HttpAnswer = await track(handler, token, next);
    pages.push(page);
    const link = /^<(\?.+)>; rel="next"$/.exec(String(page.headers.link ?? ""));
    next = link ? Object.fromEntries(new URLSearchParams(link[1])) : undefined;
  }
  return pages;
};

const HOME = { latitude: 46.05, longitude: 14.5 };
const at = (
  second: number,
  place: { latitude: number; longitude: number },
  more: Partial<Position> = {},
) => ({
  timestampMs: NOW_MS + second * 1_000,
  ...place,
  ...more,
});
const away = (meters: number) => ({ latitude: HOME.latitude + meters / 111_195, longitude: HOME.longitude });

describe("a live link", () => {
  test("shows the newest position and the track from when it was made, and no more of the device", async () => {
    const world = shareWorld();
    const handler = createHandler(world.showPorts);
    const drive = [at(-60, away(0)), at(-1, away(10)), at(0, away(20)), at(30, away(30))];
    await world.giveDevice("van-7", drive);
    const { text } = await world.share({ deviceId: "van-7", name: "Delivery 12" });
    const answer = await show(handler, text);
    expect(answer.json).toEqual({
      kind: "device",
      name: "Delivery 12",
      live: true,
      from: "2026-11-21T12:00:00.000Z",
      expiresAt: "2026-11-21T13:00:00.000Z",
      position: { timestamp: "2026-11-21T12:00:30.000Z", latitude: 46.0502698, longitude: 14.5 },
    });
    const page = await track(handler, text);
    expect(Object.keys(page.json)).toEqual(["name", "positions"]);
    expect(page.json.positions.map(({ timestamp }: { timestamp: string }) => timestamp)).toEqual([
      "2026-11-21T12:00:00.000Z",
      "2026-11-21T12:00:30.000Z",
    ]);
    for (const format of FORMATS)
      expect((await track(handler, text, { format })).text).not.toContain("van-7");
  });

  test("nobody keeps an answer, and no page is told of the link", async () => {
    const world = shareWorld();
    await world.giveDevice("van-7", [at(0, HOME)]);
    const { text } = await world.share({ deviceId: "van-7" });
    for (const answer of [
      await show(createHandler(world.showPorts), text),
      await show(createHandler(world.showPorts), "x"),
    ]) {
      expect(answer.headers).toMatchObject({ "cache-control": "no-store", "referrer-policy": "no-referrer" });
    }
  });

  test("of a device that was only in hidden places it shows nothing", async () => {
    const world = shareWorld();
    const handler = createHandler(world.showPorts);
    await world.giveDevice("van-7", [at(0, HOME), at(1, away(50))], { state: { odometerMeters: 12_345.6 } });
    const { text } = await world.share({ deviceId: "van-7", hidden: [{ ...HOME, radiusMeters: 300 }] });
    const answer = await show(handler, text);
    expect(answer.json.position).toBeUndefined();
    expect(answer.text).not.toContain("12345");
    expect((await track(handler, text)).json).toEqual({ positions: [] });
  });

  test("shows the last position before a device went to a hidden place, however long it stays", async () => {
    const world = shareWorld();
    const handler = createHandler(world.showPorts);
    const drive = Array.from({ length: 30 }, (_, second) => at(second, away(3_000 - second * 10)));
    const atHome = Array.from({ length: 3_000 }, (_, minute) => at(600 + minute * 60, away(minute % 50)));
    await world.giveDevice("van-7", [...drive, ...atHome], { tailCount: 50, perSegment: 90 });
    const { text } = await world.share({ deviceId: "van-7", hidden: [{ ...HOME, radiusMeters: 300 }] });
    const { position } = (await show(handler, text)).json;
    expect(position.timestamp).toBe(new Date(NOW_MS + 29_000).toISOString());
  });

  test("shows the last position before very many hidden ones, and pages as if these were not there", async () => {
    const hidden = [{ ...HOME, radiusMeters: 300 }];
    const answersOf = async (hiddenCount: number) => {
      const world = shareWorld();
      const handler = createHandler(world.showPorts);
      const atHome = Array.from({ length: hiddenCount }, (_, index) => at(1 + index / 10, HOME));
      const drove = [at(0, away(5_000)), ...atHome];
      await world.giveDevice("van-7", drove, { tailCount: 1, perSegment: 4_000 });
      const { text } = await world.share({ deviceId: "van-7", hidden });
      const { json } = await show(handler, text);
      return [json.position.timestamp, (await allPages(handler, text, {})).map(({ json }) => json)];
    };
    const [newest, pages] = await answersOf(120_000);
    expect(newest).toBe(new Date(NOW_MS).toISOString());
    expect(pages).toHaveLength(1);
    expect([newest, pages]).toEqual(await answersOf(0));
  });

  test("a page with hidden places ends with the UTC day, and the newest is not older than a week", async () => {
    const world = shareWorld();
    const handler = createHandler(world.showPorts);
    await world.giveDevice("van-7", [at(0, away(5_000)), at(200_000, away(5_010))]);
    const { text } = await world.share({
      deviceId: "van-7",
      hidden: [{ ...HOME, radiusMeters: 300 }],
      expiresInSeconds: 30 * 86_400,
    });
    world.clock.nowMs += 2.4 * 86_400_000;
    const pages = await allPages(handler, text, {});
    expect(pages.map(({ json }) => json.positions.length)).toEqual([1, 0, 1]);
    expect(pages.map(({ json }) => json.cursor && Number.parseInt(json.cursor, 36) % 86_400_000)).toEqual([
      0,
      0,
      undefined,
    ]);
    expect((await show(handler, text)).json.position).toBeDefined();
    world.clock.nowMs = NOW_MS + 200_000_000 + 7 * 86_400_000;
    expect((await show(handler, text)).json.position).toBeDefined();
    world.clock.nowMs++;
    expect((await show(handler, text)).json.position).toBeUndefined();
  });
});

describe("a link to the past", () => {
  test("shows a recording within its times, without what it says of positions before", async () => {
    const world = shareWorld();
    const handler = createHandler(world.showPorts);
    const drive = [0, 1, 2, 3].map((second) =>
      at(second, away(second), { distanceMeters: 7.25, elapsedSeconds: 1.5, speedMetersPerSecond: 3 }),
    );
    await world.giveRecording("drive", drive);
    const { text } = await world.share({
      recordingId: "drive",
      fromMs: NOW_MS + 1_000,
      toMs: NOW_MS + 2_000,
    });
    expect((await show(handler, text)).json).toEqual({
      kind: "recording",
      live: false,
      from: "2026-11-21T12:00:01.000Z",
      to: "2026-11-21T12:00:02.000Z",
      expiresAt: "2026-11-21T13:00:00.000Z",
    });
    const { json } = await track(handler, text);
    expect(json.positions).toEqual([
      { timestamp: "2026-11-21T12:00:01.000Z", ...pick(drive[1]), speedMetersPerSecond: 3 },
      { timestamp: "2026-11-21T12:00:02.000Z", ...pick(drive[2]), speedMetersPerSecond: 3 },
    ]);
    expect((await track(handler, text, { format: "csv" })).text).not.toMatch(/7\.25|1\.5/);
    const outside = await track(handler, text, { from: NOW_MS + 3_000 });
    expect(outside.json).toEqual({ positions: [] });
  });

  test("a recording that was deleted, and one that was imported again since, are not shown", async () => {
    const world = shareWorld();
    const handler = createHandler(world.showPorts);
    await world.giveRecording("drive", [at(0, HOME)]);
    const { text } = await world.share({ recordingId: "drive" });
    expect((await show(handler, text)).status).toBe(200);
    const { recordings } = world.storesOf(parseTenantId("default"));
    await recordings.bury("drive");
    expect((await show(handler, text)).status).toBe(404);
    await world.giveRecording("drive", [at(0, HOME)], { epoch: 1 });
    expect((await show(handler, text)).status).toBe(404);
    expect((await track(handler, text)).status).toBe(404);
  });
});

test("a recording that is imported again when its grave has expired is not shown either", async () => {
  const world = shareWorld();
  const handler = createHandler(world.showPorts);
  await world.giveRecording("drive", [at(0, HOME)]);
  const { text } = await world.share({ recordingId: "drive" });
  const { createdAtMs } = RECORDING;
  // Nothing is left of the grave: the epoch is 0 again.
  await world.giveRecording("drive", [at(0, HOME)], { recording: { createdAtMs: createdAtMs + 1 } });
  expect((await show(handler, text)).status).toBe(404);
  expect((await track(handler, text)).status).toBe(404);
});

const pick = ({ latitude, longitude }: Position) => ({
  latitude: Math.round(latitude * 1e7) / 1e7,
  longitude,
});

test("whatever is wrong with a link, the answer is the same", async () => {
  const world = shareWorld();
  const handler = createHandler(world.showPorts);
  await world.giveDevice("van-7", [at(0, HOME)]);
  await world.giveDevice("van-8", [at(0, HOME)]);
  const working = await world.share({ deviceId: "van-7" });
  const revoked = await world.share({ deviceId: "van-7" });
  await world.shares(parseTenantId("default")).remove(revoked.share.shareId);
  const erased = await world.share({ deviceId: "van-8" });
  await world.storesOf(parseTenantId("default")).devices.remove("van-8");
  const expired = await world.share({ deviceId: "van-7", expiresInSeconds: 60 });
  const unknown = working.text.replace(/_.+_/, "_00000000000_");
  const last = working.text.at(-1) === "x" ? "y" : "x";
  world.clock.nowMs += 60_000;

  expect((await show(handler, working.text)).status).toBe(200);
  const wrong = [revoked, erased, expired].map(({ text }) => text);
  const mistyped = [
    unknown,
    `${working.text.slice(0, -1)}${last}`,
    "",
    "x",
    "..",
    "%",
    working.share.shareId,
  ];
  for (const token of [...wrong, ...mistyped]) {
    for (const ask of [show, track]) {
      const answer = await ask(handler, token);
      expect(answer.json).toEqual({
        type: "urn:backtrack:problem:not-found",
        title: "Not found",
        status: 404,
        detail: "there is no such link, or it does not work any more",
        instance: expect.any(String),
      });
    }
  }
});

test("a share's id with the secret of another is no link", async () => {
  const world = shareWorld();
  const handler = createHandler(world.showPorts);
  await world.giveDevice("van-7", [at(0, HOME)]);
  const [one, other] = [await world.share({ deviceId: "van-7" }), await world.share({ deviceId: "van-7" })];
  // As an index would find it whose checksum fits: the hash is what decides.
  const links = { find: async () => one.share };
  expect((await show(createHandler({ ...world.showPorts, links }), other.text)).status).toBe(404);
  expect((await show(handler, one.text)).status).toBe(200);
});

test("two tenants with the same ids see each their own", async () => {
  const world = shareWorld();
  const handler = createHandler(world.showPorts);
  const acme = parseTenantId("acme");
  await world.giveDevice("van-7", [at(0, { latitude: 1, longitude: 1 })]);
  await world.giveDevice("van-7", [at(0, { latitude: 2, longitude: 2 })], { tenant: acme });
  await world.giveRecording("drive", [at(0, { latitude: 3, longitude: 3 })]);
  await world.giveRecording("drive", [at(0, { latitude: 4, longitude: 4 })], { tenant: acme });
  const latitudes = async (request: object, caller: object) => {
    const { text } = await world.share(request, caller);
    const { json } = await track(handler, text);
    return json.positions.map(({ latitude }: Position) => latitude);
  };
  expect(await latitudes({ deviceId: "van-7" }, {})).toEqual([1]);
  expect(await latitudes({ deviceId: "van-7" }, { tenant: acme })).toEqual([2]);
  expect(await latitudes({ recordingId: "drive" }, {})).toEqual([3]);
  expect(await latitudes({ recordingId: "drive" }, { tenant: acme })).toEqual([4]);
});

/**
 * Places in reach of each other, on both sides of the antimeridian, some of them in few places again and
 * again.
 */
const longitudeAround = fc
  .integer({ min: -30, max: 30 })
  .map((step) => (step < 0 ? 180 + step / 10 : -180 + step / 10));
const place = fc.record({
  latitude: fc.integer({ min: -30, max: 30 }).map((step) => step / 10),
  longitude: longitudeAround,
});
const drive = fc
  .array(
    fc.record({
      gapMs: fc.integer({ min: 1, max: 400_000 }),
      place,
      distanceMeters: fc.option(fc.integer({ min: 0, max: 500 }), { nil: undefined }),
      speedMetersPerSecond: fc.option(fc.integer({ min: 0, max: 50 }), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((steps) => {
    let timestampMs = NOW_MS;
    return steps.map(({ gapMs, place: where, ...rest }): Position => {
      timestampMs += gapMs;
      return { timestampMs, ...where, ...rest };
    });
  });
const longitude = fc.oneof(longitudeAround, fc.constantFrom(-180, 0, 180));
const bounds: fc.Arbitrary<ShareBounds> = fc
  .record({
    box: fc.option(fc.tuple(longitude, fc.tuple(place, place), longitude), { nil: undefined }),
    hidden: fc.array(fc.record({ place, radiusMeters: fc.integer({ min: 10, max: 300_000 }) }), {
      maxLength: 3,
    }),
    fromMs: fc.integer({ min: NOW_MS, max: NOW_MS + 4_000_000 }),
    lengthMs: fc.option(fc.nat({ max: 8_000_000 }), { nil: undefined }),
  })
  .map(({ box, hidden, fromMs, lengthMs }) => {
    const latitudes = box?.[1].map(({ latitude }) => latitude).sort((one, other) => one - other);
    return {
      fromMs,
      ...(lengthMs !== undefined && { toMs: fromMs + lengthMs }),
      ...(box &&
        latitudes && { area: { west: box[0], south: latitudes[0], east: box[2], north: latitudes[1] } }),
      hidden: hidden.map(({ place: centre, radiusMeters }) => ({ ...centre, radiusMeters })),
    };
  });

/** Small, so that a few positions are very many. */
const look = fc.record({
  pageMs: fc.constantFrom(1_800_000, 7_200_000, 86_400_000),
  lookBackMs: fc.constantFrom(600_000, 3_600_000, 86_400_000),
  readAtOnce: fc.integer({ min: 1, max: 9 }),
  fullWindow: fc.integer({ min: 1, max: 9 }),
});

test("no position outside the bounds changes anything in any answer, whatever it is", async () => {
  await fc.assert(
    fc.asyncProperty(
      drive,
      bounds,
      fc.nat(),
      fc.record({
        limit: fc.integer({ min: 1, max: 7 }),
        format: fc.constantFrom(...FORMATS),
        from: fc.option(fc.integer({ min: NOW_MS, max: NOW_MS + 4_000_000 }), { nil: undefined }),
      }),
      look,
      fc.nat({ max: 16_000_000 }),
      async (positions, limits, cut, { from, ...asked }, small, laterMs) => {
        const isShown = placeFilter(limits);
        const { fromMs = 0, toMs = Number.POSITIVE_INFINITY } = limits;
        const shown = positions.filter(
          (position) =>
            position.timestampMs >= fromMs &&
            position.timestampMs <= toMs &&
            isShown(PositionBuffer.from([position]), 0),
        );
        const query = { ...asked, ...(from !== undefined && { from }) };
        // What is known of a recording as a whole tells at most of its days.
        const recording = {
          firstTimestampMs: positions[0].timestampMs,
          lastTimestampMs: positions[positions.length - 1].timestampMs,
        };
        const answersOf = async (drove: readonly Position[], tailCount: number) => {
          const world = shareWorld(small);
          const handler = createHandler(world.showPorts);
          await world.giveDevice("van-7", drove, { tailCount, perSegment: 1 + (cut % 5) });
          await world.giveRecording("drive", drove, { recording });
          const answers: unknown[] = [];
          for (const thing of [{ deviceId: "van-7" }, { recordingId: "drive" }]) {
            world.clock.nowMs = NOW_MS;
            const { text } = await world.share({ ...limits, ...thing, expiresInSeconds: 86_400 });
            world.clock.nowMs += laterMs;
            answers.push(told(await show(handler, text)));
            const pages = await allPages(handler, text, query);
            answers.push(...pages.map((page) => JSON.stringify(told(page))));
            if (asked.format !== "json") continue;
            const times = pages.flatMap(({ json }) =>
              json.positions.map(({ timestamp }: { timestamp: string }) => timestamp),
            );
            expect(times).toEqual(
              shown
                .filter(({ timestampMs }) => timestampMs >= (from ?? 0))
                .map(({ timestampMs }) => new Date(timestampMs).toISOString()),
            );
          }
          return answers;
        };
        // A device without positions has a tail of none.
        const whole = await answersOf(positions, 1 + (cut % positions.length));
        const bare = await answersOf(shown, Math.min(shown.length, 1 + (cut % 3)));
        expect(whole).toEqual(bare);
        const [state] = whole as HttpAnswer[];
        const hasPlaces = limits.area !== undefined || limits.hidden.length > 0;
        const oldestMs = hasPlaces ? Math.min(toMs, NOW_MS + laterMs) - small.lookBackMs : 0;
        const newest = shown.findLast(({ timestampMs }) => timestampMs >= oldestMs);
        expect(JSON.parse(state.text).position?.timestamp).toBe(
          newest && new Date(newest.timestampMs).toISOString(),
        );
      },
    ),
    { numRuns: propertyRuns(1_500) },
  );
});

test("a damaged segment is left out without a word: nobody knows what of it would be shown", async () => {
  const world = shareWorld();
  const damages: unknown[] = [];
  const shownBy = (tenant: TenantId) => ({
    ...world.storesOf(tenant),
    onDamage: (damage: unknown) => damages.push(damage),
  });
  const handler = createHandler({ ...world.showPorts, shownBy });
  const drove = Array.from({ length: 21 }, (_, second) => at(second, away(second)));
  await world.giveDevice("van-7", drove, { tailCount: 7, perSegment: 7 });
  const stored = world.storesOf(parseTenantId("default"));
  const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
  let segment: StoredSegment | undefined;
  for await (const each of stored.tracks.segments(deviceTrack("van-7"), range)) segment ??= each;
  if (segment?.kind !== "sealed") throw new Error("nothing is sealed");
  await stored.tracks.removeSegments(deviceTrack("van-7"), [segment]);
  await stored.tracks.put(deviceTrack("van-7"), [{ ...segment, data: segment.data.fill(0) }]);
  const { text } = await world.share({ deviceId: "van-7" });
  const answer = await track(handler, text);
  expect(Object.keys(answer.json)).toEqual(["positions"]);
  expect(answer.json.positions.map(({ timestamp }: { timestamp: string }) => timestamp)).toEqual(
    drove.slice(7).map(({ timestampMs }) => new Date(timestampMs).toISOString()),
  );
  // Those who run it are told.
  expect(damages).toHaveLength(1);
});

test("a look at a link is a request of the tenant who gave it out, and one that can't work is nobody's", async () => {
  const world = shareWorld();
  const acme = parseTenantId("acme");
  const drive = [at(0, HOME)];
  await world.giveDevice("van-7", drive);
  await world.giveDevice("van-7", drive, { tenant: acme });
  const admitRequest = requestMeter({
    limits: async (tenant) => (tenant === acme ? { requestsPerMinute: 2 } : {}),
    counter: memoryRequestCounter(),
    now: world.now,
  });
  const handler = createHandler({ ...world.showPorts, admitRequest });
  const limited = await world.share({ deviceId: "van-7" }, { tenant: acme });
  const free = await world.share({ deviceId: "van-7" });
  const statuses = async (...answers: Promise<HttpAnswer>[]) =>
    (await Promise.all(answers)).map(({ status }) => status);
  expect(await statuses(show(handler, `${limited.text}x`), show(handler, "x"))).toEqual([404, 404]);
  expect(await statuses(show(handler, limited.text), track(handler, limited.text))).toEqual([200, 200]);
  const over = await track(handler, limited.text);
  expect(over).toMatchObject({ status: 429, headers: { "retry-after": "60" } });
  expect(await statuses(show(handler, limited.text), show(handler, free.text))).toEqual([429, 200]);
  world.clock.nowMs += 60_000;
  expect(await statuses(show(handler, limited.text))).toEqual([200]);
});
