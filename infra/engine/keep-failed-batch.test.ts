import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import type { FailedBatch } from "../../engines/event-source/on-failure.ts";
import { parseFailedBatch } from "../../lib/adapters/failed-batches/failed-batch-json.ts";
import { folderFailedBatches } from "../../lib/adapters/failed-batches/folder-failed-batches.ts";
import { invocationRecord } from "../../test/contracts/failed-batches.contract.ts";
import { propertyRuns } from "../../test/property-runs.ts";
import { keepInFolder, keepInJetStream } from "./keep-failed-batch.ts";

const folder = mkdtempSync(join(tmpdir(), "backtrack-failed-"));
afterAll(() => rmSync(folder, { recursive: true }));

const BATCH: FailedBatch = {
  functionName: "track-devices",
  streamArn: "arn:aws:kinesis:us-east-1:000000000000:stream/positions",
  partitionId: "shardId-000000000000",
  condition: "RetryAttemptsExhausted",
  reason: "TypeError: bug",
  approximateInvokeCount: 3,
  records: ["1", "2"].map((sequenceNumber) => ({
    sequenceNumber,
    partitionKey: "van-7",
    data: new Uint8Array([0, 255, Number(sequenceNumber)]),
    arrivedAtMs: Date.parse("2026-11-20T12:00:06.021Z"),
  })),
};

test("a failed batch is kept once, as Lambda keeps it, and can be played again", async () => {
  const keep = keepInFolder(folder);
  await keep(BATCH);
  await keep(BATCH);
  const key =
    "aws/lambda/track-devices/shardId-000000000000/2026/11/20/2026-11-20T12.00.06-00000000000000000001-2";
  const batches = folderFailedBatches(folder, "aws/lambda/");
  const keys: string[] = [];
  for await (const found of batches.keys()) keys.push(found);
  expect(keys).toEqual([key]);
  expect(readdirSync(folder, { recursive: true }).join()).not.toContain(".part");

  const kept = JSON.parse(readFileSync(join(folder, key), "utf8"));
  const real = invocationRecord();
  expect(Object.keys(kept)).toEqual(Object.keys(real));
  expect(Object.keys(kept.KinesisBatchInfo)).toEqual(Object.keys(real.KinesisBatchInfo));
  const { functionName, condition, records } = await batches.read(key);
  expect({ functionName, condition }).toEqual({
    functionName: "track-devices",
    condition: "RetryAttemptsExhausted",
  });
  expect(records).toEqual(BATCH.records.map(({ partitionKey, data }) => ({ deviceId: partitionKey, data })));
});

test("a batch that no message can hold becomes several, whose keys have the order of the records", async () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 30 });
  const property = async (bytes: readonly number[], maximumBytes: number, first: number): Promise<void> => {
    const kept = new Map<string, Uint8Array>();
    const keep = keepInJetStream({
      maximumBytes: async () => maximumBytes,
      put: async (key, content) => {
        kept.set(key, content);
      },
    });
    const records = bytes.map((size, index) => ({
      ...BATCH.records[0],
      sequenceNumber: String(first + index),
      partitionKey: `device-${index}`,
      data: new Uint8Array(size).fill(index),
    }));
    await keep({ ...BATCH, records });
    const batches = [...kept.keys()].sort().map((key) => {
      const content = kept.get(key) ?? new Uint8Array();
      return { ...parseFailedBatch(content), bytes: content.length };
    });
    for (const batch of batches) expect(batch.bytes <= maximumBytes || batch.records.length === 1).toBe(true);
    expect(batches.flatMap((batch) => batch.records)).toEqual(
      records.map(({ partitionKey, data }) => ({ deviceId: partitionKey, data })),
    );
  };
  await fc.assert(fc.asyncProperty(sizes, fc.integer({ min: 1_000, max: 60_000 }), fc.nat(1_000), property), {
    numRuns: propertyRuns(50),
  });
});
