import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach } from "vitest";
import { failedBatchesContract } from "../../../test/contracts/failed-batches.contract.ts";
import { startS3Server } from "../../../test/s3-server.ts";
import { s3Client } from "../s3/client.ts";
import { folderFailedBatches } from "./folder-failed-batches.ts";
import { s3FailedBatches } from "./s3-failed-batches.ts";

const cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

failedBatchesContract("s3FailedBatches", async () => {
  const server = await startS3Server("failed");
  const client = s3Client({ endpoint: server.endpoint, forcePathStyle: true });
  cleanUps.push(async () => {
    client.destroy();
    await server.close();
  });
  return {
    batches: s3FailedBatches(client, "failed", "aws/lambda/"),
    put: async (key, content) => {
      server.put(key, content);
    },
    all: async () => [...server.objects.keys()],
  };
});

failedBatchesContract("folderFailedBatches", async () => {
  const folder = mkdtempSync(join(tmpdir(), "backtrack-failed-"));
  cleanUps.push(() => rmSync(folder, { recursive: true }));
  return {
    batches: folderFailedBatches(folder, "aws/lambda/"),
    put: async (key, content) => {
      mkdirSync(dirname(join(folder, key)), { recursive: true });
      writeFileSync(join(folder, key), content);
    },
    all: async () =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
        statSync(join(folder, path)).isFile(),
      ),
  };
});
