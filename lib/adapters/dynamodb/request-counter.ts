import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import type { RequestCounter } from "../../core/tenant/request-meter.ts";
import type { TenantId } from "../../core/tenant/tenant-id.ts";
import { answerTo } from "../aws-errors.ts";
import type { Item } from "./batch.ts";

/** Long enough that differing clocks can't count a minute twice. */
const KEPT_SECONDS = 3_600;

/** The usage table: `{ tenant, minute, requests, expiresAtSeconds }`. */
export const dynamoRequestCounter = (client: DynamoDBClient, tableName: string): RequestCounter => ({
  async add(tenant, minute, count) {
    const command = new UpdateItemCommand({
      TableName: tableName,
      Key: keyOf(tenant, minute),
      UpdateExpression: "ADD requests :count SET expiresAtSeconds = :expiry",
      ExpressionAttributeValues: {
        ":count": { N: String(count) },
        ":expiry": { N: String(minute * 60 + KEPT_SECONDS) },
      },
      ReturnValues: "UPDATED_NEW",
    });
    const { Attributes: updated } = await answerTo(`count requests of ${tenant}`, client.send(command));
    return Number(updated?.requests?.N);
  },
  async read(tenant, minute) {
    const command = new GetItemCommand({
      TableName: tableName,
      Key: keyOf(tenant, minute),
      ConsistentRead: true,
    });
    const { Item: item } = await answerTo(`read the requests of ${tenant}`, client.send(command));
    return Number(item?.requests?.N ?? 0);
  },
});

const keyOf = (tenant: TenantId, minute: number): Item => ({
  tenant: { S: tenant },
  minute: { N: String(minute) },
});
