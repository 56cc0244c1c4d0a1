import type { BatchGetItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { LimitError } from "../../core/errors.ts";
import { DEFAULT_TENANT } from "../../core/tenant/tenant-id.ts";
import { dynamoAccess } from "./api-key-store.ts";
import { dynamoLimits, dynamoTenantLimitStore } from "./tenant-limit-store.ts";

const given = () => {
  const reads: BatchGetItemCommand[] = [];
  const client: Pick<DynamoDBClient, "send"> = {
    send: async (command: unknown) => {
      reads.push(command as BatchGetItemCommand);
      const limits = { M: { requestsPerMinute: { N: "0" } } };
      return {
        Responses: { tenants: [{ tenant: { S: "*" }, limits }] },
        Attributes: { requests: { N: "1" } },
      };
    },
  };
  const readsOfLimits = () => reads.flatMap(({ input }) => input.RequestItems?.tenants ?? []);
  return { client: client as DynamoDBClient, readsOfLimits };
};

test("whoever checks access and limits in one function reads a tenant's limits once", async () => {
  const { client, readsOfLimits } = given();
  const limits = dynamoLimits(client, "tenants");
  const admit = dynamoAccess(client, "keys", limits).requests?.((name) => name);
  expect(await limits(DEFAULT_TENANT)).toEqual({ requestsPerMinute: 0 });
  await expect(admit?.(DEFAULT_TENANT)).rejects.toBeInstanceOf(LimitError);
  expect(readsOfLimits()).toHaveLength(1);
});

test("what holds for a tenant is read at half the price, and what is changed is read strongly consistent", async () => {
  const { client, readsOfLimits } = given();
  const store = dynamoTenantLimitStore(client, "tenants");
  await store.of(DEFAULT_TENANT);
  await store.own(DEFAULT_TENANT);
  expect(readsOfLimits().map(({ ConsistentRead }) => ConsistentRead)).toEqual([false, true]);
});
