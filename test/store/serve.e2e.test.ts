import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { openStore } from "../../infra/store/address.ts";
import { createTables } from "../../infra/store/create-tables.ts";
import { endChildren } from "../children.ts";
import { temporaryFolder } from "../stack-process.ts";
import { STORE_KEY, startStoreProcess } from "./store-process.ts";

const folder = temporaryFolder();
afterAll(() => folder.remove());
afterEach(async () => {
  vi.unstubAllEnvs();
  await endChildren();
});

const open = (url: string) => {
  for (const [name, value] of Object.entries(STORE_KEY)) vi.stubEnv(name, value);
  return openStore({ store: url, tablePrefix: "t-" });
};
const PERSISTENCE = {
  sleep: async () => {},
  random: () => 0,
  attempts: 3,
  signal: new AbortController().signal,
};

const PUTS = 3_000;
const AT_ONCE = 16;

test("kill -9 loses no conditional write that was acknowledged, and the next process goes on with all of them", async () => {
  const data = folder.path("killed");
  const first = await startStoreProcess(data);
  const store = open(first.url);
  await createTables(store, PERSISTENCE);
  const TableName = store.tableName("devices");
  const acknowledged: number[] = [];
  let next = 0;
  const putUntilKilled = async (): Promise<void> => {
    while (next < PUTS) {
      const id = next++;
      const Item = { deviceId: { S: `d-${id}` } };
      const ConditionExpression = "attribute_not_exists(deviceId)";
      await store.client.send(new PutItemCommand({ TableName, Item, ConditionExpression }));
      acknowledged.push(id);
      if (acknowledged.length === PUTS / 2) first.child.kill("SIGKILL");
    }
  };
  await Promise.allSettled(Array.from({ length: AT_ONCE }, putUntilKilled));
  store.close();
  expect(acknowledged.length).toBeGreaterThanOrEqual(PUTS / 2);
  expect(acknowledged.length).toBeLessThan(PUTS);

  const second = await startStoreProcess(data);
  const again = open(second.url);
  const missing: number[] = [];
  const left = [...acknowledged];
  const look = async (): Promise<void> => {
    for (let id = left.pop(); id !== undefined; id = left.pop()) {
      const Key = { deviceId: { S: `d-${id}` } };
      const { Item } = await again.client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
      if (!Item) missing.push(id);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, look));
  again.close();
  expect(missing).toEqual([]);
});

test("asks for a signature, says that it is healthy, holds its folder alone, and ends with SIGTERM", async () => {
  const data = folder.path("one");
  const store = await startStoreProcess(data);
  expect(await (await fetch(`${store.url}/healthz`)).json()).toEqual({ status: "ok" });
  expect((await fetch(store.url, { method: "POST", body: "{}" })).status).toBe(403);
  vi.stubEnv("AWS_ACCESS_KEY_ID", STORE_KEY.AWS_ACCESS_KEY_ID);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "another");
  const stranger = openStore({ store: store.url, tablePrefix: "t-" });
  await expect(createTables(stranger, PERSISTENCE)).rejects.toThrow(
    "The signature is not that of this request",
  );
  stranger.close();

  const second = await startStoreProcess(data);
  expect(await second.ended()).toMatchObject({ code: 1 });
  expect(second.stderr()).toBe(
    `backtrack: data folder ${data} is in use by another process: one store at a time serves it\n`,
  );
  const third = await startStoreProcess(folder.path("other"), "--port", new URL(store.url).port);
  expect(await third.ended()).toMatchObject({ code: 1 });
  expect(third.stderr()).toContain("is in use; stop what listens there, or choose another with --port");

  store.child.kill("SIGTERM");
  expect(await store.ended()).toEqual({ code: 0, signal: null });
});
