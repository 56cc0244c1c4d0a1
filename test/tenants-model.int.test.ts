import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dynamoClaims } from "../lib/adapters/dynamodb/claims.ts";
import { dynamoDeviceStore } from "../lib/adapters/dynamodb/device-store.ts";
import { dynamoQuarantineStore } from "../lib/adapters/dynamodb/quarantine-store.ts";
import { dynamoRecordingStore } from "../lib/adapters/dynamodb/recording-store.ts";
import { dynamoRepairStore } from "../lib/adapters/dynamodb/repair-store.ts";
import { dynamoReplayStore } from "../lib/adapters/dynamodb/replay-store.ts";
import { dynamoShareStore } from "../lib/adapters/dynamodb/share-store.ts";
import { dynamoTaskStore } from "../lib/adapters/dynamodb/task-store.ts";
import { dynamoTrackStore } from "../lib/adapters/dynamodb/track-store.ts";
import { memoryPositionStreams } from "../lib/adapters/memory/position-stream.ts";
import { parseTenantId, type TenantId } from "../lib/core/tenant/tenant-id.ts";
import { type LocalDynamodb, startLocalDynamodb } from "./local-aws.ts";
import { propertyRuns } from "./property-runs.ts";
import { operations, type TenantsWorld, together } from "./tenants-model.ts";

/* The property of tenants-model.test.ts on the real tables: all tenants of all runs share them. */

let local: LocalDynamodb;
let makeWorld: () => Promise<TenantsWorld>;
beforeAll(async () => {
  local = await startLocalDynamodb();
  const { client, makeTable } = local;
  const listingsTableName = await makeTable("listings");
  const listed = { listingsTableName, now: () => 1_795_176_000_000 };
  const tracks = await makeTable("tracks");
  const stores = {
    devices: dynamoDeviceStore(client, await makeTable("devices"), listingsTableName),
    tracks: dynamoTrackStore(client, tracks),
    quarantine: dynamoQuarantineStore(client, await makeTable("quarantine"), listed),
    recordings: dynamoRecordingStore(client, await makeTable("recordings"), { listingsTableName }),
    replays: dynamoReplayStore(client, await makeTable("replays"), listed),
    tasks: dynamoTaskStore(client, await makeTable("tasks"), listingsTableName),
    claims: dynamoClaims(client, await makeTable("claims")),
    shares: dynamoShareStore(client, await makeTable("shares"), { listingsTableName }),
    repairs: dynamoRepairStore(client, tracks),
  };
  makeWorld = async () => ({ ...stores, streams: memoryPositionStreams() });
});
afterAll(() => local.close());

test("each tenant sees what it would see alone", async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(operations, async (all) => {
      run++;
      // Each begins with the one before, and both with that of the run.
      const tenants: [TenantId, TenantId] = [parseTenantId(`t${run}`), parseTenantId(`t${run}-b`)];
      const ofTheirOwn: [TenantId, TenantId] = [parseTenantId(`t${run}-c`), parseTenantId(`t${run}-d`)];
      const { shared, alone } = await together(makeWorld, tenants, all, ofTheirOwn);
      expect(shared).toEqual(alone);
    }),
    { numRuns: propertyRuns(8) },
  );
});
