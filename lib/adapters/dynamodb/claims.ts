import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { Claim, Claims } from "../../core/claims/claims.ts";
import { VersionConflictError } from "../../core/errors.ts";
import type { OfTenant } from "../../core/tenant/of-tenant.ts";
import { answerTo } from "../aws-errors.ts";
import { idInKey, tenantKey } from "../tenant-key.ts";
import type { Item } from "./batch.ts";

/**
 * The claims table: `{ purpose, claim, data, expiresAtSeconds }`, `purpose` as `<tenant>/<purpose>`, data as
 * JSON text. `expiresAtSeconds` is its time to live; DynamoDB may delete it later.
 */
export const dynamoClaims =
  (client: DynamoDBClient, tableName: string): OfTenant<Claims> =>
  (tenant) => {
    const keyOf = (purpose: string, claim: string): Item => ({
      purpose: { S: tenantKey(tenant, purpose) },
      claim: { S: claim },
    });
    const toItem = ({ purpose, claim, data, expiresAtSeconds }: Claim): Item => ({
      ...keyOf(purpose, claim),
      data: { S: JSON.stringify(data) },
      ...(expiresAtSeconds !== undefined && { expiresAtSeconds: { N: String(expiresAtSeconds) } }),
    });
    const toClaim = <Data>(item: Item): Claim<Data> => ({
      purpose: idInKey(tenant, String(item.purpose.S)),
      claim: String(item.claim.S),
      data: JSON.parse(String(item.data.S)) as Data,
      ...(item.expiresAtSeconds && { expiresAtSeconds: Number(item.expiresAtSeconds.N) }),
    });
    const put = async (claim: Claim, nowMs?: number): Promise<void> => {
      const command = new PutItemCommand({
        TableName: tableName,
        Item: toItem(claim),
        ...(nowMs !== undefined && {
          ConditionExpression:
            "attribute_not_exists(purpose) OR (attribute_exists(expiresAtSeconds) AND expiresAtSeconds <= :now)",
          ExpressionAttributeValues: { ":now": secondsOf(nowMs) },
        }),
      });
      await answerTo(`claim ${claim.claim} for ${claim.purpose}`, client.send(command));
    };

    const get = async <Data>(purpose: string, claim: string, nowMs: number) => {
      const Key = keyOf(purpose, claim);
      const command = new GetItemCommand({ TableName: tableName, Key, ConsistentRead: true });
      const { Item: item } = await answerTo(`read claim ${claim}`, client.send(command));
      const found = item && toClaim<Data>(item);
      return found && nowMs < (found.expiresAtSeconds ?? Number.POSITIVE_INFINITY) * 1000 ? found : undefined;
    };

    async function* pagesOf(purpose: string, from: string, nowMs: number, more: Partial<QueryCommandInput>) {
      let startKey: Item | undefined;
      do {
        const command = new QueryCommand({
          TableName: tableName,
          ConsistentRead: true,
          KeyConditionExpression: "purpose = :purpose AND claim >= :from",
          FilterExpression: "attribute_not_exists(expiresAtSeconds) OR expiresAtSeconds > :now",
          ExpressionAttributeValues: {
            ":purpose": { S: tenantKey(tenant, purpose) },
            ":from": { S: from || "\u0000" },
            ":now": secondsOf(nowMs),
          },
          ExclusiveStartKey: startKey,
          ...more,
        });
        const answer = await answerTo(`read claims for ${purpose}`, client.send(command));
        yield answer;
        startKey = answer.LastEvaluatedKey;
      } while (startKey);
    }

    return {
      put,
      async putNew<Data>(claim: Claim<Data>, nowMs: number) {
        for (;;) {
          try {
            await put(claim, nowMs);
            return claim;
          } catch (error) {
            if (!(error instanceof VersionConflictError)) throw error;
          }
          const known = await get<Data>(claim.purpose, claim.claim, nowMs);
          // Else it was removed in between.
          if (known) return known;
        }
      },
      get,
      async remove(purpose, claim) {
        const command = new DeleteItemCommand({ TableName: tableName, Key: keyOf(purpose, claim) });
        await answerTo(`give claim ${claim} back`, client.send(command));
      },
      async list<Data>(purpose: string, nowMs: number) {
        const claims: Claim<Data>[] = [];
        for await (const { Items = [] } of pagesOf(purpose, "", nowMs, {})) {
          claims.push(...Items.map((item) => toClaim<Data>(item)));
        }
        return claims;
      },
      async count(purpose, { from = "", upTo }, nowMs) {
        let count = 0;
        for await (const { Count = 0 } of pagesOf(purpose, from, nowMs, { Select: "COUNT" })) {
          count += Count;
          if (count >= upTo) break;
        }
        return Math.min(count, upTo);
      },
    };
  };

const secondsOf = (nowMs: number) => ({ N: String(nowMs / 1000) });
