import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  paginateQuery,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { TableResource } from "../../lib/resources/table-resource.ts";
import { isGranted } from "../is-granted.ts";
import { acquired, type LeaseRecord, type LeaseStore } from "./lease-store.ts";

/** The table that leases are kept in: one item each. */
export const LEASE_TABLE: TableResource = {
  partitionKey: { name: "leaseGroup", type: "S" },
  sortKey: { name: "leaseName", type: "S" },
};

type Item = Record<string, AttributeValue>;

/** Leases in a DynamoDB table with the keys of LEASE_TABLE. Every write is conditional and of one item. */
export const dynamodbLeaseStore = (client: DynamoDBClient, tableName: string): LeaseStore => {
  const write = (command: PutItemCommand | UpdateItemCommand | DeleteItemCommand): Promise<boolean> =>
    isGranted(client.send(command as PutItemCommand));

  return {
    async list(group) {
      const leases: LeaseRecord[] = [];
      const pages = paginateQuery(
        { client },
        {
          TableName: tableName,
          ConsistentRead: true,
          KeyConditionExpression: "leaseGroup = :group",
          ExpressionAttributeValues: { ":group": { S: group } },
        },
      );
      for await (const { Items = [] } of pages) leases.push(...Items.map(toLease));
      return leases;
    },

    async acquire(wish) {
      const lease = acquired(wish);
      const isMine = await write(
        new PutItemCommand({ TableName: tableName, Item: toItem(lease), ...asSeen(wish.seen) }),
      );
      return isMine ? lease : undefined;
    },

    renew: (held) =>
      write(
        new UpdateItemCommand({
          TableName: tableName,
          Key: keyOf(held),
          UpdateExpression: "ADD #beat :one",
          ...whileHeld(held),
        }),
      ),

    async release(held) {
      const { ExpressionAttributeNames, ...condition } = whileHeld(held);
      await write(
        new UpdateItemCommand({
          TableName: tableName,
          Key: keyOf(held),
          UpdateExpression: "REMOVE #owner ADD #beat :one",
          ExpressionAttributeNames,
          ...condition,
        }),
      );
    },

    async remove(seen) {
      await write(new DeleteItemCommand({ TableName: tableName, Key: keyOf(seen), ...asSeen(seen) }));
    },
  };
};

/** `owner` and `token` are words of DynamoDB's own. */
const NAMES = { "#owner": "owner", "#token": "token", "#beat": "beat" };

const whileHeld = ({ owner, token }: LeaseRecord) => ({
  ConditionExpression: "#token = :token AND #owner = :owner",
  ExpressionAttributeNames: NAMES,
  ExpressionAttributeValues: {
    ":token": { N: String(token) },
    ":owner": { S: owner ?? "" },
    ":one": { N: "1" },
  },
});

const asSeen = (seen: LeaseRecord | undefined) =>
  seen === undefined
    ? { ConditionExpression: "attribute_not_exists(leaseName)" }
    : {
        ConditionExpression: "#token = :token AND #beat = :beat",
        ExpressionAttributeNames: { "#token": "token", "#beat": "beat" },
        ExpressionAttributeValues: { ":token": { N: String(seen.token) }, ":beat": { N: String(seen.beat) } },
      };

const keyOf = ({ group, name }: LeaseRecord): Item => ({ leaseGroup: { S: group }, leaseName: { S: name } });

const toItem = (lease: LeaseRecord): Item => ({
  ...keyOf(lease),
  ...(lease.owner !== undefined && { owner: { S: lease.owner } }),
  token: { N: String(lease.token) },
  beat: { N: String(lease.beat) },
  leaseMilliseconds: { N: String(lease.leaseMilliseconds) },
});

const toLease = ({ leaseGroup, leaseName, owner, token, beat, leaseMilliseconds }: Item): LeaseRecord => ({
  group: leaseGroup?.S ?? "",
  name: leaseName?.S ?? "",
  ...(owner?.S !== undefined && { owner: owner.S }),
  token: Number(token?.N),
  beat: Number(beat?.N),
  leaseMilliseconds: Number(leaseMilliseconds?.N),
});
