import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyRuns } from "../../../test/property-runs.ts";
import { memoryRequestCounter } from "../../adapters/memory/request-counter.ts";
import { LimitError, UnavailableError } from "../errors.ts";
import { blockOf, requestMeter } from "./request-meter.ts";
import { DEFAULT_TENANT, parseTenantId, type TenantId } from "./tenant-id.ts";

const ACME = parseTenantId("acme");
const MINUTE_MS = 60_000;

/** Several functions that share one counter and a clock. */
const given = (limits: Readonly<Record<string, number | undefined>>, functionCount = 1) => {
  const clock = { nowMs: 29_000_000 * MINUTE_MS };
  let writes = 0;
  const kept = memoryRequestCounter();
  const counter = {
    ...kept,
    add: async (tenant: TenantId, minute: number, count: number) => {
      writes++;
      // So that others come in between.
      await Promise.resolve();
      return kept.add(tenant, minute, count);
    },
  };
  const meters = Array.from({ length: functionCount }, () =>
    requestMeter({
      limits: async (tenant) => ({ requestsPerMinute: limits[tenant] }),
      counter,
      now: () => clock.nowMs,
    }),
  );
  const letIn = async (asked: number, tenant = ACME, at = 0): Promise<number> => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: asked }, (_, index) => meters[(at + index) % functionCount](tenant)),
    );
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(LimitError);
    }
    return outcomes.filter(({ status }) => status === "fulfilled").length;
  };
  return { clock, letIn, writes: () => writes, meters };
};

test.each([1, 2, 99, 100, 101, 5_000])("of one function exactly %d a minute are let in", async (limit) => {
  const { letIn, clock } = given({ acme: limit });
  expect(await letIn(limit - 1)).toBe(limit - 1);
  expect(await letIn(1)).toBe(1);
  expect(await letIn(5)).toBe(0);
  clock.nowMs += MINUTE_MS - 1;
  expect(await letIn(1)).toBe(0);
  clock.nowMs += 1;
  expect(await letIn(limit + 3)).toBe(limit);
});

test("a limit of 0 lets nobody in, and without one nothing is counted", async () => {
  expect(await given({ acme: 0 }).letIn(3)).toBe(0);
  const free = given({});
  expect(await free.letIn(1_000)).toBe(1_000);
  expect(free.writes()).toBe(0);
});

test("two tenants have each their own minute", async () => {
  const { letIn } = given({ acme: 3, [DEFAULT_TENANT]: 5 });
  expect(await letIn(10, ACME)).toBe(3);
  expect(await letIn(10, DEFAULT_TENANT)).toBe(5);
});

test("however many functions ask at once, never more are let in, and fewer by what each has kept back", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 700 }),
      fc.integer({ min: 1, max: 9 }),
      fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 8 }),
      async (limit, functionCount, bursts) => {
        const { letIn, clock } = given({ acme: limit }, functionCount);
        const minutes = [0, 1];
        for (const minute of minutes) {
          clock.nowMs = (29_000_000 + minute) * MINUTE_MS;
          const counts = await Promise.all(bursts.map((burst, at) => letIn(burst, ACME, at)));
          const asked = bursts.reduce((sum, burst) => sum + burst, 0);
          const passed = counts.reduce((sum, count) => sum + count, 0);
          expect(passed).toBeLessThanOrEqual(limit);
          const keptBack = functionCount * (blockOf(limit) - 1);
          expect(passed).toBeGreaterThanOrEqual(Math.min(asked, limit - keptBack));
        }
      },
    ),
    { numRuns: propertyRuns(400) },
  );
});

test("writes once for a block, and no more once the minute is full", async () => {
  const { letIn, writes } = given({ acme: 6_000 });
  await letIn(6_000);
  expect(writes()).toBe(120);
  await letIn(100);
  const afterwards = writes();
  await letIn(1_000);
  expect(writes()).toBe(afterwards);
  expect(afterwards).toBeLessThanOrEqual(121);
});

describe("an answer", () => {
  test("says which limit, how much it is, and when to ask again", async () => {
    const { meters, clock } = given({ acme: 2 });
    clock.nowMs += 47_500;
    await meters[0](ACME);
    await meters[0](ACME);
    const error = await meters[0](ACME).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: "limit-reached",
      retryAfterSeconds: 13,
      message: "requestsPerMinute is 2, and this minute's requests are used up: try again in 13 s",
      problems: [{ field: "requestsPerMinute", value: 2 }],
    });
  });

  test("does not wait for a counter that has just failed, until some seconds later", async () => {
    const clock = { nowMs: 29_000_000 * MINUTE_MS };
    const kept = memoryRequestCounter();
    let isDown = true;
    let asked = 0;
    const counter = {
      ...kept,
      add: async (tenant: TenantId, minute: number, count: number) => {
        asked++;
        if (isDown) throw new UnavailableError("usage");
        return kept.add(tenant, minute, count);
      },
    };
    const limits = async () => ({ requestsPerMinute: 2 });
    const meter = requestMeter({ limits, counter, now: () => clock.nowMs });
    // Those that wait for the same answer are let in by the same failure.
    await Promise.all(Array.from({ length: 20 }, () => meter(ACME)));
    for (let request = 0; request < 20; request++) await meter(ACME);
    expect(asked).toBe(1);
    clock.nowMs += 5_000;
    isDown = false;
    await meter(ACME);
    await meter(ACME);
    await expect(meter(ACME)).rejects.toThrow(LimitError);
    expect(asked).toBe(4);
  });

  test("is not a failure when the counter does not answer", async () => {
    const counter = {
      add: () => Promise.reject(new UnavailableError("usage")),
      read: () => Promise.reject(new UnavailableError("usage")),
    };
    const limits = async () => ({ requestsPerMinute: 2 });
    const meter = requestMeter({ limits, counter, now: () => 0 });
    for (let request = 0; request < 10; request++) await meter(ACME);
    const broken = { ...counter, add: () => Promise.reject(new TypeError("a mistake of ours")) };
    await expect(requestMeter({ limits, counter: broken, now: () => 0 })(ACME)).rejects.toThrow(TypeError);
  });
});
