import { afterEach, describe, expect, it, vi } from "vitest";
import { dynamodbCheckpointStore } from "../../../engines/event-source/dynamodb-checkpoint-store.ts";
import { startEventSource } from "../../../engines/event-source/event-source.ts";
import { jetstreamStreamReader } from "../../../engines/event-source/jetstream-stream-reader.ts";
import trackDevices from "../../../functions/ingest/track-devices/definition.ts";
import { ownLeases } from "../../../infra/engine/leases.ts";
import { openStore } from "../../../infra/store/address.ts";
import { createTables } from "../../../infra/store/create-tables.ts";
import { dynamoDeviceStore } from "../../../lib/adapters/dynamodb/device-store.ts";
import { dynamoQuarantineStore } from "../../../lib/adapters/dynamodb/quarantine-store.ts";
import { dynamoTrackStore } from "../../../lib/adapters/dynamodb/track-store.ts";
import { sleep } from "../../../lib/adapters/sleep.ts";
import { DEFAULT_TENANT } from "../../../lib/core/tenant/tenant-id.ts";
import { endChildren } from "../../children.ts";
import { startNatsServer, WITHOUT_NATS } from "../../nats-server.ts";
import { temporaryFolder, until } from "../../stack-process.ts";
import { STORE_KEY, startStoreProcess } from "../../store/store-process.ts";
import { backUp, itemsIn, restore } from "../../store/store-world.ts";
import { unless } from "../../unless.ts";
import { openTrackedLog, putAll, recordsOf, STREAM_ARN } from "./tracked-log.ts";

/*
 * The store is rolled back to a backup that was taken while positions kept coming, and the stream goes on.
 * The store is a process of its own, the stream is NATS', event source and function are the real ones.
 */

const DEVICES = 5;
const PARTITIONS = 2;
/** Enough that tails are sealed before, during and after the backup. */
const ROUNDS = 150;

describe("a store that is rolled back to a backup", unless(WITHOUT_NATS), () => {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    vi.unstubAllEnvs();
    await endChildren();
  });

  const play = async () => {
    const folder = temporaryFolder();
    closers.push(() => folder.remove());
    const nats = await startNatsServer();
    closers.push(nats.close);
    for (const [name, value] of Object.entries(STORE_KEY)) vi.stubEnv(name, value);
    const { url } = await startStoreProcess(folder.path("data"));
    const store = openStore({ store: url, tablePrefix: "" });
    closers.push(store.close);
    const signal = new AbortController().signal;
    await createTables(store, { sleep, random: Math.random, attempts: 3, signal });
    const { client } = store;
    const log = await openTrackedLog(nats, PARTITIONS, {
      devices: dynamoDeviceStore(client, "devices", "listings")(DEFAULT_TENANT),
      tracks: dynamoTrackStore(client, "tracks")(DEFAULT_TENANT),
      quarantine: dynamoQuarantineStore(client, "quarantine", { listingsTableName: "listings" })(
        DEFAULT_TENANT,
      ),
    });
    closers.push(log.close);
    const checkpoints = () =>
      dynamodbCheckpointStore(client, {
        tableName: "event-source-checkpoints",
        functionName: "track-devices",
        streamArn: STREAM_ARN,
      });
    const startEngine = () => {
      const source = startEventSource({
        functionName: "track-devices",
        trigger: { ...(trackDevices.stream ?? expect.unreachable()), batchSize: 20 },
        reader: jetstreamStreamReader(log.jetstream, { streamArn: STREAM_ARN }),
        checkpoints: checkpoints(),
        sharing: ownLeases(client),
        invoke: (_, event) => log.handle(event),
        onFailure: async ({ reason }) => expect.unreachable(reason),
        clock: Date.now,
        sleep,
      });
      closers.push(() => source.close());
      return source;
    };
    const putRounds = (from: number, to: number) =>
      putAll(log.jetstream, PARTITIONS, recordsOf(DEVICES, to - from, from));
    const tracked = (rounds: number) =>
      until(
        () => log.trackedCount(DEVICES),
        (count) => count >= DEVICES * rounds,
        { deadlineMs: 40_000 },
      );

    const first = startEngine();
    await putRounds(0, 50);
    await tracked(20);
    const file = folder.path("backup");
    await Promise.all([putRounds(50, 100), backUp(store, file)]);
    await tracked(100);
    const newer = await checkpoints().load();
    await first.close();
    const restoreNow = () => restore(store, file, { force: true, sleep: async () => {} });
    const savedToken = async (): Promise<number> =>
      Number((await itemsIn(store, "event-source-checkpoints"))[0].leaseToken.N);
    return { log, savedToken, checkpoints, newer, startEngine, putRounds, tracked, restoreNow };
  };

  it("reads on from the checkpoints of the backup, and has every position once", async () => {
    const world = await play();
    await world.putRounds(100, ROUNDS);
    await world.restoreNow();
    expect(await world.log.trackedCount(DEVICES)).toBeLessThan(DEVICES * 100);
    world.startEngine();
    await world.tracked(ROUNDS);
    expect(await world.log.faults(DEVICES, ROUNDS)).toEqual({ lost: 0, doubled: 0, late: 0 });
  });

  it("refuses the checkpoint that an engine of before still wants to save", async () => {
    const world = await play();
    await world.restoreNow();
    for (const [partitionId, checkpoint] of world.newer) {
      await expect(world.checkpoints().save(partitionId, checkpoint, 1)).rejects.toThrow("was taken over");
    }
  });

  it("lacks positions for good where the checkpoints are not rolled back with it, which this notices", async () => {
    const world = await play();
    await world.restoreNow();
    // As if somebody had restored the other tables alone.
    for (const [partitionId, checkpoint] of world.newer) {
      await world.checkpoints().save(partitionId, checkpoint, await world.savedToken());
    }
    await world.putRounds(100, ROUNDS);
    const before = await world.log.trackedCount(DEVICES);
    const source = world.startEngine();
    await until(
      () => world.log.trackedCount(DEVICES),
      (count) => count >= before + DEVICES * (ROUNDS - 100),
      { deadlineMs: 40_000 },
    );
    await source.close();
    expect((await world.log.faults(DEVICES, ROUNDS)).lost).toBeGreaterThan(0);
  });
});
