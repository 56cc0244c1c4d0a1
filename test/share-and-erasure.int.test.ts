import { type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dynamoShareLinks, dynamoShareStore } from "../lib/adapters/dynamodb/share-store.ts";
import { NotFoundError } from "../lib/core/errors.ts";
import type { Share } from "../lib/core/share/share.ts";
import { DEFAULT_TENANT } from "../lib/core/tenant/tenant-id.ts";
import { type LocalDynamodb, startLocalDynamodb } from "./local-aws.ts";

let local: LocalDynamodb;
beforeAll(async () => {
  local = await startLocalDynamodb();
});
afterAll(() => local.close());

const SHARE: Share = {
  shareId: "s-1",
  tenant: DEFAULT_TENANT,
  thing: { kind: "device", deviceId: "van-7" },
  hidden: [],
  createdAtMs: 0,
  expiresAtSeconds: 4_000_000_000,
  hash: "00",
};

test.each(["before", "after"])("no share outlives an erasure that comes right %s its item", async (when) => {
  const table = await local.makeTable("shares");
  const listingsTableName = await local.makeTable("listings");
  const erase = () => dynamoShareStore(local.client, table, { listingsTableName })(DEFAULT_TENANT);
  const send = async (command: PutItemCommand) => {
    const isItem = command instanceof PutItemCommand && command.input.TableName === table;
    if (isItem && when === "before") await erase().removeOfDevice("van-7", 10);
    const answer = await local.client.send(command);
    if (isItem && when === "after") await erase().removeOfDevice("van-7", 10);
    return answer;
  };
  const client = { send } as unknown as DynamoDBClient;
  const shares = dynamoShareStore(client, table, { listingsTableName })(DEFAULT_TENANT);
  await expect(shares.create(SHARE)).rejects.toBeInstanceOf(NotFoundError);
  expect(await dynamoShareLinks(local.client, table).find("s-1")).toBeUndefined();
});
