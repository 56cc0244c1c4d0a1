import { type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import {
  cachedLimits,
  EVERY_TENANT,
  type LimitsOf,
  type LimitsOwner,
  limitsInForce,
  type OwnLimits,
  type TenantLimitStore,
} from "../../core/tenant/tenant-limits.ts";
import { answerTo } from "../aws-errors.ts";
import { type Patience, REAL_PATIENCE } from "../backoff.ts";
import { type Item, readItems } from "./batch.ts";

/** The tenants table: `{ tenant, limits }`; `*` stands for every tenant. */
export const dynamoTenantLimitStore = (
  client: DynamoDBClient,
  tableName: string,
  patience: Patience = REAL_PATIENCE,
): TenantLimitStore => {
  const read = async (
    owners: readonly LimitsOwner[],
    ConsistentRead: boolean,
  ): Promise<ReadonlyMap<string, OwnLimits>> => {
    const items = await readItems(client, tableName, owners.map(keyOf), patience, { ConsistentRead });
    return new Map(items.map((item) => [String(item.tenant.S), unmarshall(item).limits as OwnLimits]));
  };
  return {
    async own(owner) {
      return (await read([owner], true)).get(owner) ?? {};
    },
    async of(tenant) {
      // Believed for a minute anyway, so a second more does not matter, and it costs half.
      const found = await read([tenant, EVERY_TENANT], false);
      return limitsInForce(found.get(EVERY_TENANT), found.get(tenant));
    },
    async put(owner, limits) {
      const Item = { ...keyOf(owner), ...marshall({ limits }, { removeUndefinedValues: true }) };
      const command = new PutItemCommand({ TableName: tableName, Item });
      await answerTo(`save the limits of ${owner}`, client.send(command));
    },
  };
};

/** Tenants' limits for a function: made once, so that it reads each tenant's once a minute. */
export const dynamoLimits = (client: DynamoDBClient, tenantsTableName: string): LimitsOf =>
  cachedLimits(dynamoTenantLimitStore(client, tenantsTableName), Date.now);

const keyOf = (owner: LimitsOwner): Item => ({ tenant: { S: owner } });
