import { afterAll, beforeAll, expect, test } from "vitest";
import { dynamoClaims } from "../lib/adapters/dynamodb/claims.ts";
import { dynamoDeviceStore } from "../lib/adapters/dynamodb/device-store.ts";
import { dynamoQuarantineStore } from "../lib/adapters/dynamodb/quarantine-store.ts";
import { dynamoRecordingStore } from "../lib/adapters/dynamodb/recording-store.ts";
import { dynamoReplayStore } from "../lib/adapters/dynamodb/replay-store.ts";
import { dynamoShareStore } from "../lib/adapters/dynamodb/share-store.ts";
import { dynamoTaskStore } from "../lib/adapters/dynamodb/task-store.ts";
import { dynamoTrackStore } from "../lib/adapters/dynamodb/track-store.ts";
import { deviceHeardLast, MAXIMUM_DEVICES_WITHOUT_ID } from "../lib/core/device/device-heard-last.ts";
import { deleteRecording } from "../lib/core/replay/delete-recording.ts";
import { DEFAULT_TENANT } from "../lib/core/tenant/tenant-id.ts";
import { deviceState } from "./contracts/device-states.ts";
import { erasureWorld, FIRST_MS } from "./erasure-world.ts";
import { type LocalDynamodb, startLocalDynamodb } from "./local-aws.ts";
import { RECORDING } from "./samples.ts";

let local: LocalDynamodb;
const sent: string[] = [];
beforeAll(async () => {
  local = await startLocalDynamodb();
  local.client.middlewareStack.add(
    (next, { commandName = "" }) =>
      (given) => {
        sent.push(commandName);
        return next(given);
      },
    { step: "initialize" },
  );
});
afterAll(() => local.close());

const sentBy = async (work: () => Promise<unknown>): Promise<string[]> => {
  sent.length = 0;
  await work();
  return [...sent];
};

test("finding 15: no request scans a table, and only a device's first save lists it", async () => {
  const listingsTableName = await local.makeTable("listings");
  const now = () => FIRST_MS;
  const stores = {
    devices: dynamoDeviceStore(
      local.client,
      await local.makeTable("devices"),
      listingsTableName,
    )(DEFAULT_TENANT),
    tracks: dynamoTrackStore(local.client, await local.makeTable("tracks"))(DEFAULT_TENANT),
    quarantine: dynamoQuarantineStore(local.client, await local.makeTable("quarantine"), {
      listingsTableName,
      now,
    })(DEFAULT_TENANT),
    replays: dynamoReplayStore(local.client, await local.makeTable("replays"), { listingsTableName, now })(
      DEFAULT_TENANT,
    ),
    recordings: dynamoRecordingStore(local.client, await local.makeTable("recordings"), {
      listingsTableName,
      now,
    })(DEFAULT_TENANT),
    tasks: dynamoTaskStore(local.client, await local.makeTable("tasks"), listingsTableName)(DEFAULT_TENANT),
    shares: dynamoShareStore(local.client, await local.makeTable("shares"), { listingsTableName })(
      DEFAULT_TENANT,
    ),
    claims: dynamoClaims(local.client, await local.makeTable("claims"))(DEFAULT_TENANT),
  };
  const { ports, live, track, positions } = erasureWorld(stores);
  const { devices, quarantine, replays, recordings, tasks } = stores;
  const commands = await sentBy(async () => {
    await live("van-1");
    await live("bus");
    await recordings.put({ ...RECORDING, recordingId: "drive" });
    for (const page of [{ limit: 1 }, { limit: 100 }]) {
      expect((await devices.list({ ...page, idPrefix: "van" })).items).toHaveLength(1);
      expect((await replays.list({ ...page, devicePrefix: "van" })).items).toHaveLength(1);
      expect(
        (await tasks.list("average-speed", { ...page, devicePrefix: "van" }, FIRST_MS)).items,
      ).toHaveLength(1);
      await tasks.list("import", page, FIRST_MS);
      await recordings.list(page);
      await quarantine.list(page);
    }
    await deviceHeardLast(devices, "device_id");
    await deleteRecording({ ...ports, ...stores }, "drive");
  });
  expect(commands).toContain("QueryCommand");
  expect(commands.filter((name) => name === "ScanCommand")).toEqual([]);

  expect(await sentBy(() => track([positions("van-1", 1, FIRST_MS + 5_000)]))).toEqual([
    "BatchGetItemCommand",
    "PutItemCommand",
  ]);
});

test("finding 15: /gps_state requires a device_id when there are too many devices to look at", async () => {
  const listings = await local.makeTable("listings");
  const devices = dynamoDeviceStore(local.client, await local.makeTable("devices"), listings)(DEFAULT_TENANT);
  for (let index = 0; index < MAXIMUM_DEVICES_WITHOUT_ID; index++) {
    await devices.save(deviceState(`d-${index}`, { lastHeardMs: 1_000 + ((index * 37) % 100) }));
  }
  expect((await deviceHeardLast(devices, "device_id")).lastHeardMs).toBe(1_099);
  await devices.save(deviceState("one-more"));
  await expect(deviceHeardLast(devices, "device_id")).rejects.toMatchObject({
    code: "invalid-input",
    problems: [{ field: "device_id", rule: "must be given where there are more than 100 devices" }],
  });
});
