import { describe, expect, it } from "vitest";
import { TooLargeError } from "../../lib/core/errors.ts";
import type { OutgoingRecord, PositionStream } from "../../lib/core/stream/position-stream.ts";
import type { OfTenant } from "../../lib/core/tenant/of-tenant.ts";
import { DEFAULT_TENANT } from "../../lib/core/tenant/tenant-id.ts";
import { ONE, OTHER } from "./tenants.ts";

/** A stream under test, and what arrived on it. */
export interface ObservedStream {
  readonly streamOf: OfTenant<PositionStream>;
  /**
   * Every record so far, by its partition key; a device's records in the order in which a consumer gets them.
   */
  readonly arrived: () => Promise<readonly OutgoingRecord[]>;
}

const record = (deviceId: string, text: string): OutgoingRecord => ({
  deviceId,
  data: new TextEncoder().encode(text),
});

const textsOf = (records: readonly OutgoingRecord[]): Record<string, string[]> => {
  const texts: Record<string, string[]> = {};
  for (const { deviceId, data } of records) {
    texts[deviceId] ??= [];
    texts[deviceId].push(new TextDecoder().decode(data));
  }
  return texts;
};

/** What every PositionStream does. `make` returns an empty one. */
export const positionStreamContract = (name: string, makeAll: () => Promise<ObservedStream>): void => {
  const make = async () => {
    const { streamOf, arrived } = await makeAll();
    return { stream: streamOf(DEFAULT_TENANT), arrived };
  };
  describe(`${name} keeps the contract of PositionStream`, () => {
    it("puts the tenant in front of the device, except for the default tenant", async () => {
      const { streamOf, arrived } = await makeAll();
      for (const tenant of [DEFAULT_TENANT, ONE, OTHER]) {
        await streamOf(tenant).publish([record("van-7", `of ${tenant}`)]);
      }
      expect(textsOf(await arrived())).toEqual({
        "van-7": [`of ${DEFAULT_TENANT}`],
        [`${ONE}/van-7`]: [`of ${ONE}`],
        [`${OTHER}/van-7`]: [`of ${OTHER}`],
      });
    });

    it("accepts an empty list", async () => {
      const { stream, arrived } = await make();
      await stream.publish([]);
      expect(await arrived()).toEqual([]);
    });

    it("delivers every record once, each device's in the given order", async () => {
      const { stream, arrived } = await make();
      const records = Array.from({ length: 60 }, (_, index) => record(`device-${index % 7}`, `${index}`));
      await stream.publish(records.slice(0, 31));
      await stream.publish(records.slice(31));
      expect(textsOf(await arrived())).toEqual(textsOf(records));
    });

    it("delivers more than fits one call", async () => {
      const { stream, arrived } = await make();
      const records = Array.from({ length: 1_203 }, (_, index) => record(`device-${index}`, `${index}`));
      await stream.publish(records);
      expect(textsOf(await arrived())).toEqual(textsOf(records));
    });

    it("delivers records of the largest size, more bytes than fit one call", async () => {
      const { stream, arrived } = await make();
      const records = Array.from({ length: 6 }, (_, index) => ({
        deviceId: `device-${index}`,
        data: new Uint8Array(1024 * 1024 - 8).fill(index),
      }));
      await stream.publish(records);
      const found = [...(await arrived())].sort((one, other) => (one.deviceId < other.deviceId ? -1 : 1));
      expect(found.map(({ data }) => [data.length, data[0]])).toEqual(
        records.map(({ data }) => [data.length, data[0]]),
      );
    });

    it("refuses a record that is too large, and publishes nothing of that call", async () => {
      const { stream, arrived } = await make();
      const tooLarge = { deviceId: "van-7", data: new Uint8Array(1024 * 1024 - 4) };
      await expect(stream.publish([record("van-8", "1"), tooLarge])).rejects.toBeInstanceOf(TooLargeError);
      expect(await arrived()).toEqual([]);
    });
  });
};
