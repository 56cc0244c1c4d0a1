import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { type Random, randomPositions, seededRandom } from "../../../test/random-segment.ts";
import { advance } from "../../core/device/advance.ts";
import { unheardDevice } from "../../core/device/device-state.ts";
import { ABSENT, LATITUDE, LONGITUDE } from "../../core/position/position.ts";
import type { PositionBuffer } from "../../core/position/position-buffer.ts";
import {
  DEFAULT_TENANT,
  LONGEST_TENANT_ID,
  parseTenantId,
  type TenantId,
} from "../../core/tenant/tenant-id.ts";
import { deviceItem } from "./device-store.ts";
import { deviceStateBytes } from "./item-budget.ts";

/** One write unit. */
const MAXIMUM_ITEM_BYTES = 1024;
const STREAM = "arn:aws:kinesis:ap-southeast-2:123456789012:stream/backtrack-production-positions";
const FIRST_SEQUENCE_NUMBER = 49590338271490256608559692538361571095921575989136588898n;

/**
 * How DynamoDB counts an item: names and values as UTF-8; a number has a byte for each two digits, and one
 * more. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
const itemBytes = (item: Record<string, AttributeValue>): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);

const valueBytes = ({ S, N, B }: AttributeValue): number => {
  if (S !== undefined) return Buffer.byteLength(S);
  if (B !== undefined) return B.length;
  return Math.ceil((N ?? "").replace(/\D/g, "").length / 2) + 1;
};

const LONGEST_TENANT = parseTenantId("t".repeat(LONGEST_TENANT_ID));

const ARRIVED_MS = 1_795_176_000_000;

/** Places are required, and no time is ahead of the arrival, so tracking never sees other positions. */
const asTracked = (positions: PositionBuffer): PositionBuffer => {
  for (let index = 0; index < positions.count; index++) positions.timestampsMs[index] %= ARRIVED_MS;
  for (const column of [LATITUDE, LONGITUDE]) {
    for (let index = 0; index < positions.count; index++) {
      if (positions.columns[column][index] === ABSENT) positions.columns[column][index] = 0;
    }
  }
  return positions;
};

/** Feeds a device some records, and returns the size of the largest item that a save wrote on the way. */
const largestItemBytes = (random: Random, tenant: TenantId, deviceId: string, records: number): number => {
  let state = unheardDevice(deviceId);
  let largest = 0;
  for (let index = 0; index < records; index++) {
    const positions = asTracked(randomPositions(random, 1 + Math.floor(random() * 120)));
    const record = {
      stream: STREAM,
      sequenceNumber: String(FIRST_SEQUENCE_NUMBER + BigInt(index)),
      arrivedAtMs: ARRIVED_MS + index,
      positions,
    };
    state = {
      ...advance(state, [record], deviceStateBytes(tenant, deviceId)).state,
      version: 1_000_000_000 + index,
    };
    largest = Math.max(largest, itemBytes(deviceItem(tenant, state)));
  }
  return largest;
};

describe("a device's item", () => {
  it("stays within one write unit, whatever the device is called and reports", () => {
    const random = seededRandom(20_261_120);
    const sizes: number[] = [];
    for (const idLength of [1, 8, 36, 128]) {
      const deviceId = "d".repeat(idLength);
      for (let device = 0; device < 60; device++) {
        const tenant = device % 2 === 0 ? LONGEST_TENANT : DEFAULT_TENANT;
        sizes.push(largestItemBytes(random, tenant, deviceId, 12));
      }
    }
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MAXIMUM_ITEM_BYTES);
    // And makes use of it: a tail that is sealed too soon costs write units for more segments.
    expect(Math.max(...sizes)).toBeGreaterThan((MAXIMUM_ITEM_BYTES * 3) / 4);
  });
});
