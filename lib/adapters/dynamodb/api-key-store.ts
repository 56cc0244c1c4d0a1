import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import type { ApiKey, ApiKeyStore } from "../../core/access/api-key.ts";
import type { AccessPorts, AdmitRequest } from "../../core/access/authenticate.ts";
import { ConflictError, VersionConflictError } from "../../core/errors.ts";
import { requestMeter } from "../../core/tenant/request-meter.ts";
import type { LimitsOf } from "../../core/tenant/tenant-limits.ts";
import { answerTo } from "../aws-errors.ts";
import { keySecrets } from "../key-secrets.ts";
import type { Item } from "./batch.ts";
import { dynamoRequestCounter } from "./request-counter.ts";
import { scanPage } from "./scan-page.ts";
import { dynamoLimits } from "./tenant-limit-store.ts";

/**
 * The keys table: a key's fields as attributes. `expiresAtSeconds` is its time to live; DynamoDB may delete
 * it later.
 */
export const dynamoApiKeyStore = (client: DynamoDBClient, tableName: string): ApiKeyStore => ({
  async create(key) {
    const command = new PutItemCommand({
      TableName: tableName,
      Item: marshall(key, { removeUndefinedValues: true }),
      ConditionExpression: "attribute_not_exists(keyId)",
    });
    try {
      await answerTo(`create key ${key.keyId}`, client.send(command));
    } catch (error) {
      if (!(error instanceof VersionConflictError)) throw error;
      throw new ConflictError(`there is a key ${key.keyId} already`, { cause: error });
    }
  },
  async get(keyId) {
    const command = new GetItemCommand({ TableName: tableName, Key: keyOf(keyId), ConsistentRead: true });
    const { Item: item } = await answerTo(`read key ${keyId}`, client.send(command));
    return item && toKey(item);
  },
  list(request) {
    const scan = { TableName: tableName, ConsistentRead: true };
    return scanPage(client, { scan, keyName: "keyId", keyOf, toItem: toKey }, request);
  },
  async remove(keyId) {
    const command = new DeleteItemCommand({
      TableName: tableName,
      Key: keyOf(keyId),
      ReturnValues: "ALL_OLD",
    });
    const { Attributes: removed } = await answerTo(`remove key ${keyId}`, client.send(command));
    return removed !== undefined;
  },
});

/**
 * What a function needs to check keys and count requests. A function that needs limits elsewhere too hands
 * its own over, so that they are read once.
 */
export const dynamoAccess = (client: DynamoDBClient, tableName: string, limits?: LimitsOf): AccessPorts => ({
  keys: dynamoApiKeyStore(client, tableName),
  secrets: keySecrets,
  now: Date.now,
  requests: (tableOf) => dynamoRequests(client, tableOf, limits),
});

/** Holds tenants to their limits of requests. */
export const dynamoRequests = (
  client: DynamoDBClient,
  tableOf: (name: "tenants" | "usage") => string,
  limits?: LimitsOf,
): AdmitRequest =>
  requestMeter({
    limits: limits ?? dynamoLimits(client, tableOf("tenants")),
    counter: dynamoRequestCounter(client, tableOf("usage")),
    now: Date.now,
  });

const keyOf = (keyId: string): Item => ({ keyId: { S: keyId } });

const toKey = (item: Item): ApiKey => unmarshall(item) as ApiKey;
