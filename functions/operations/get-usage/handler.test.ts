import { expect, test } from "vitest";
import { memoryReplayScheduler } from "../../../lib/adapters/memory/replay-scheduler.ts";
import { memoryReplayStore } from "../../../lib/adapters/memory/replay-store.ts";
import { memoryRequestCounter } from "../../../lib/adapters/memory/request-counter.ts";
import { memoryTenantLimitStore } from "../../../lib/adapters/memory/tenant-limit-store.ts";
import { admitReplay } from "../../../lib/core/replay/active-replays.ts";
import { perTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { DEFAULT_TENANT, parseTenantId } from "../../../lib/core/tenant/tenant-id.ts";
import { claimPorts } from "../../../test/claims.ts";
import { call } from "../../../test/http-event.ts";
import { replayOf } from "../../../test/replay-simulation.ts";
import { NOW_MS, shareWorld } from "../../../test/share-world.ts";
import { createHandler } from "./handler.ts";

const ACME = parseTenantId("acme");
const LIMITS = { inAll: 10, perKey: 10 };

const given = () => {
  const world = shareWorld();
  const limits = memoryTenantLimitStore();
  const requests = memoryRequestCounter();
  const others = perTenant(() => ({
    replays: memoryReplayStore(),
    claims: claimPorts().claims,
    schedules: memoryReplayScheduler(),
  }));
  const portsOf = (tenant: typeof ACME) => ({
    ...world.storesOf(tenant),
    ...others(tenant),
    shares: world.shares(tenant),
    limits,
    requests,
    now: world.now,
  });
  const handler = createHandler(portsOf);
  const usage = async (tenant = DEFAULT_TENANT) =>
    (await call(handler, "GET /usage", { caller: { tenant } })).json;
  return { ...world, limits, requests, portsOf, usage };
};

const drive = (count: number) =>
  Array.from({ length: count }, (_, second) => ({
    timestampMs: NOW_MS + second * 1_000,
    latitude: 46,
    longitude: 14,
  }));

test("of nothing there is nothing, and no limit", async () => {
  const { usage } = given();
  expect(await usage()).toEqual({
    limits: {},
    usage: { devices: 0, recordings: 0, storedPositions: 0, replaysAtOnce: 0, replaySchedules: 0, shares: 0 },
    complete: true,
  });
});

test("counts what a tenant has, and nothing of another", async () => {
  const world = given();
  await world.giveDevice("van-7", drive(5));
  await world.giveDevice("van-8", drive(7));
  await world.giveDevice("van-7", drive(100), { tenant: ACME });
  await world.giveRecording("drive", drive(3));
  await world.share({ deviceId: "van-7" });
  const { replays, claims, now } = world.portsOf(DEFAULT_TENANT);
  const replay = replayOf([0, 10_000]);
  await admitReplay({ replays, claims, now }, replay, LIMITS);
  await replays.save(replay);
  await world.limits.put(ACME, { devices: 3, requestsPerMinute: 60 });
  await world.requests.add(ACME, NOW_MS / 60_000, 40);
  const { recordings } = world.storesOf(DEFAULT_TENANT);
  const { positionCount = 0 } = (await recordings.get("drive")) ?? {};
  expect(await world.usage()).toMatchObject({
    limits: {},
    usage: { devices: 2, recordings: 1, storedPositions: 12 + positionCount, replaysAtOnce: 1, shares: 1 },
  });
  expect(await world.usage(ACME)).toEqual({
    limits: { devices: 3, requestsPerMinute: 60 },
    usage: {
      devices: 1,
      recordings: 0,
      storedPositions: 100,
      replaysAtOnce: 0,
      replaySchedules: 0,
      shares: 0,
      requestsThisMinute: 40,
    },
    complete: true,
  });
});

test("says of requests no more than the limit, and of another minute nothing", async () => {
  const world = given();
  await world.limits.put(ACME, { requestsPerMinute: 60 });
  await world.requests.add(ACME, NOW_MS / 60_000, 61);
  expect((await world.usage(ACME)).usage.requestsThisMinute).toBe(60);
  world.clock.nowMs += 60_000;
  expect((await world.usage(ACME)).usage.requestsThisMinute).toBe(0);
});

test("looks at so many, and says that there are more", async () => {
  const world = given();
  const { devices } = world.storesOf(ACME);
  const [one] = [...(await devices.list({ limit: 1 })).items];
  expect(one).toBeUndefined();
  const page = { items: Array(1_000).fill({ positionCount: 2 }), cursor: "more" };
  let pages = 0;
  const list = async () => {
    pages++;
    return page;
  };
  const endless = { ...devices, list };
  const handler = createHandler(() => ({ ...world.portsOf(ACME), devices: endless }));
  const { json } = await call(handler, "GET /usage", {});
  expect(json).toMatchObject({ usage: { devices: 10_000, storedPositions: 20_000 }, complete: false });
  expect(pages).toBe(10);
});
