import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { FailedBatch } from "../../engines/event-source/on-failure.ts";
import { folderFailedBatches } from "../../lib/adapters/failed-batches/folder-failed-batches.ts";
import { invocationRecord } from "../../test/contracts/failed-batches.contract.ts";
import { keepInFolder } from "./keep-failed-batch.ts";

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
    "aws/lambda/track-devices/shardId-000000000000/2026/11/20/2026-11-20T12.00.06-00000000000000000001";
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
