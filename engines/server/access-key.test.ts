import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { KinesisClient, ListStreamsCommand } from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { localClientSettings } from "../../infra/engine/clients.ts";
import { startKinesis } from "../../infra/local/kinesis/server.ts";
import { startDynamodb } from "../../infra/store/embedded/server.ts";
import { ANY_CREDENTIALS, type LocalCredentials, newCredentials } from "./access-key.ts";
import type { RunningServer } from "./http-server.ts";

const ours = newCredentials();
const strangers = [
  ANY_CREDENTIALS,
  newCredentials(),
  { ...ours, accessKeyId: ours.accessKeyId.toLowerCase() },
];
const REFUSED = { name: "UnrecognizedClientException" };
const clients: { destroy(): void }[] = [];
let dynamodb: RunningServer;
let kinesis: RunningServer;

beforeAll(async () => {
  const options = { accessKeyId: ours.accessKeyId };
  [dynamodb, kinesis] = await Promise.all([startDynamodb(options), startKinesis(options)]);
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await Promise.all([dynamodb?.close(), kinesis?.close()]);
});

const settings = (server: RunningServer, credentials: LocalCredentials) => ({
  ...localClientSettings(server.endpoint, credentials),
  maxAttempts: 1,
});
const tablesAs = (credentials: LocalCredentials): DynamoDBClient => {
  const client = new DynamoDBClient(settings(dynamodb, credentials));
  clients.push(client);
  return client;
};

describe("finding 4: with the SDK, only who has the access key of this start is served", () => {
  test("a forged key can't be written into the table of keys", async () => {
    const [TableName, Key] = ["keys", { keyId: { S: "forged" } }];
    await tablesAs(ours).send(
      new CreateTableCommand({
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "keyId", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "keyId", KeyType: "HASH" }],
      }),
    );
    for (const stranger of strangers) {
      const forging = tablesAs(stranger).send(new PutItemCommand({ TableName, Item: Key }));
      await expect(forging).rejects.toMatchObject(REFUSED);
    }
    expect((await tablesAs(ours).send(new GetItemCommand({ TableName, Key }))).Item).toBeUndefined();
  });

  test("the stream, over HTTP/2", async () => {
    const streamsAs = (credentials: LocalCredentials) => {
      const client = new KinesisClient(settings(kinesis, credentials));
      clients.push(client);
      return client.send(new ListStreamsCommand({}));
    };
    for (const stranger of strangers) await expect(streamsAs(stranger)).rejects.toMatchObject(REFUSED);
    expect((await streamsAs(ours)).StreamNames).toEqual([]);
  });
});
