import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { propertyRuns } from "../../test/property-runs.ts";
import { type BacktrackError, RefusedError, ThrottledError, UnavailableError } from "../core/errors.ts";
import type { OutgoingRecord } from "../core/stream/position-stream.ts";
import type { Patience } from "./backoff.ts";
import { BYTES_PER_CALL, publishInOrder, RECORDS_PER_CALL, type SendRecords } from "./publish-in-order.ts";
import { recordBytes } from "./record-size.ts";

const THROTTLED = new ThrottledError("ProvisionedThroughputExceededException");

const patience = (overrides: Partial<Patience> = {}): Patience => ({
  sleep: async () => {},
  random: () => 1,
  attempts: 10,
  ...overrides,
});

const record = (deviceId: string, text: string): OutgoingRecord => ({
  deviceId,
  data: new TextEncoder().encode(text),
});

const textOf = ({ data }: OutgoingRecord): string => new TextDecoder().decode(data);

/** What each device's consumer sees. */
const textsByDevice = (records: readonly OutgoingRecord[]): Map<string, string[]> => {
  const texts = Map.groupBy(records, ({ deviceId }) => deviceId);
  return new Map([...texts].map(([deviceId, own]) => [deviceId, own.map(textOf)]));
};

/**
 * A stream that refuses what `refuses` says, by turns, and keeps the rest; a call that breaks a limit is an
 * error.
 */
const flakySender = (refuses: () => boolean) => {
  const arrived: OutgoingRecord[] = [];
  const calls: number[] = [];
  const send: SendRecords = async (records) => {
    expect(records.length).toBeGreaterThan(0);
    expect(records.length).toBeLessThanOrEqual(RECORDS_PER_CALL);
    const bytes = records.reduce((sum, each) => sum + recordBytes(each), 0);
    expect(bytes).toBeLessThanOrEqual(BYTES_PER_CALL);
    calls.push(records.length);
    return records.map((each) => {
      if (refuses()) return THROTTLED;
      arrived.push(each);
      return undefined;
    });
  };
  return { send, arrived, calls };
};

describe("publishInOrder", () => {
  it("loses nothing and keeps each device's order, whatever is refused when", async () => {
    const scenario = fc.record({
      devices: fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 60 }),
      refusals: fc.infiniteStream(fc.boolean()),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ devices, refusals }) => {
        const records = devices.map((device, index) => record(`device-${device}`, `${index}`));
        const { send, arrived } = flakySender(() => refusals.next().value);
        await publishInOrder(records, send, patience({ attempts: 1_000 }));
        expect(arrived).toHaveLength(records.length);
        expect(textsByDevice(arrived)).toEqual(textsByDevice(records));
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it("keeps the order of what was accepted when it gives up, so that publishing again is safe", async () => {
    const scenario = fc.record({
      devices: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 30 }),
      refusals: fc.infiniteStream(fc.integer({ min: 0, max: 9 }).map((chance) => chance < 7)),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ devices, refusals }) => {
        const records = devices.map((device, index) => record(`device-${device}`, `${index}`));
        const { send, arrived } = flakySender(() => refusals.next().value);
        await publishInOrder(records, send, patience({ attempts: 3 })).catch((error: unknown) => {
          expect(error).toBeInstanceOf(ThrottledError);
        });
        const given = textsByDevice(records);
        for (const [deviceId, texts] of textsByDevice(arrived)) {
          expect(given.get(deviceId)?.slice(0, texts.length)).toEqual(texts);
        }
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it("fills calls with as many devices as they take", async () => {
    const { send, arrived, calls } = flakySender(() => false);
    const records = Array.from({ length: 1_203 }, (_, index) => record(`device-${index}`, `${index}`));
    await publishInOrder(records, send, patience());
    expect(calls).toEqual([500, 500, 203]);
    expect(arrived).toEqual(records);
  });

  it("keeps calls within their bytes", async () => {
    const { send, arrived, calls } = flakySender(() => false);
    const data = new Uint8Array(1024 * 1024 - 8);
    const records = Array.from({ length: 12 }, (_, index) => ({ deviceId: `device${index % 10}-`, data }));
    await publishInOrder(records, send, patience());
    expect(calls).toEqual([5, 5, 2]);
    expect(arrived).toHaveLength(12);
  });

  it("waits longer after each refusal, and begins anew after an acceptance", async () => {
    const waits: number[] = [];
    const answers = [true, true, true, false, true, false];
    const { send } = flakySender(() => answers.shift() ?? false);
    const sleep = async (milliseconds: number) => {
      waits.push(milliseconds);
    };
    await publishInOrder([record("a", "1"), record("a", "2")], send, patience({ sleep }));
    expect(waits).toEqual([50, 100, 200, 50]);
  });

  it("lets other devices go on while one is refused", async () => {
    const arrived: string[] = [];
    let refusals = 0;
    const send: SendRecords = async (records) =>
      records.map((each) => {
        if (each.deviceId === "hot" && ++refusals < 5) return THROTTLED;
        arrived.push(textOf(each));
        return undefined;
      });
    const records = [record("hot", "h1"), record("cold", "c1"), record("cold", "c2"), record("hot", "h2")];
    await publishInOrder(records, send, patience());
    expect(arrived).toEqual(["c1", "c2", "h1", "h2"]);
  });

  it("gives up with the error that says why", async () => {
    const refuseAll =
      (failure: BacktrackError): SendRecords =>
      async (records) =>
        records.map(() => failure);
    const publishing = (failure: BacktrackError) =>
      publishInOrder([record("van-7", "1")], refuseAll(failure), patience());
    await expect(publishing(THROTTLED)).rejects.toBeInstanceOf(ThrottledError);
    await expect(publishing(THROTTLED)).rejects.toThrow(/van-7.*10 times/);
    await expect(publishing(new UnavailableError("InternalFailure"))).rejects.toBeInstanceOf(
      UnavailableError,
    );
  });

  it("passes on what a whole call raises", async () => {
    const send: SendRecords = async () => {
      throw new UnavailableError("no route");
    };
    await expect(publishInOrder([record("a", "1")], send, patience())).rejects.toThrow("no route");
  });
});

test("finding 9: a record that is refused for ever is not sent again and again", async () => {
  let calls = 0;
  const send: SendRecords = async (records) => {
    calls++;
    return records.map(() => new RefusedError("ValidationException"));
  };
  await expect(publishInOrder([record("van", "1")], send, patience())).rejects.toBeInstanceOf(RefusedError);
  expect(calls).toBe(1);
});
