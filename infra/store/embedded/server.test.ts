import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { RunningServer } from "../../../engines/server/http-server.ts";
import { createTable } from "../../engine/resources.ts";
import { startDynamodb } from "./server.ts";

const credentials = { accessKeyId: "local", secretAccessKey: "local" };
const folders: string[] = [];
const open: { client: DynamoDBClient; server: RunningServer }[] = [];

const start = async (path?: string) => {
  const server = await startDynamodb({ path });
  const client = new DynamoDBClient({ endpoint: server.endpoint, region: "us-east-1", credentials });
  open.push({ client, server });
  await createTable(client, "things", { partitionKey: { name: "id", type: "S" } });
  return { client, server };
};

afterEach(async () => {
  for (const { client, server } of open.splice(0)) {
    client.destroy();
    await server.close();
  }
});
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

const put = (client: DynamoDBClient, id: string) =>
  client.send(
    new PutItemCommand({
      TableName: "things",
      Item: { id: { S: id } },
      ConditionExpression: "attribute_not_exists(id)",
    }),
  );

describe("startDynamodb", () => {
  it("serves the unmodified SDK client, conditions included", async () => {
    const { client } = await start();
    await put(client, "a");
    await expect(put(client, "a")).rejects.toMatchObject({ name: "ConditionalCheckFailedException" });
  });

  it("keeps tables and items on disk, and lets the folder go when it closes", async () => {
    const path = await mkdtemp(join(tmpdir(), "dynamodb-"));
    folders.push(path);
    const first = await start(path);
    await put(first.client, "a");
    await first.server.close();
    const { client } = await start(path);
    const { Item } = await client.send(new GetItemCommand({ TableName: "things", Key: { id: { S: "a" } } }));
    expect(Item).toEqual({ id: { S: "a" } });
  });
});
