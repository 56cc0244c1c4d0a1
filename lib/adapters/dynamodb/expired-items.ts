import { DeleteItemCommand, type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import type { ExpiredItems } from "../../core/expiry/sweep.ts";
import type { TableResource } from "../../resources/table-resource.ts";
import { answerTo } from "../aws-errors.ts";
import { attempted } from "./attempted.ts";
import type { Item } from "./batch.ts";

export interface SweptTable extends TableResource {
  readonly tableName: string;
}

/**
 * In the form of a place, which is JSON: keys are text or numbers, and these are DynamoDB's own words for
 * them.
 */
interface Place {
  readonly tableName: string;
  readonly after?: Item;
}

/** Reads of one page; few enough that a page takes well below a second. */
const ITEMS_PER_PAGE = 1_000;

/**
 * The expired items of some tables, one table after the other. An item that was written again meanwhile, with
 * a later expiry, stays. A place in a table that is no longer among them is the start.
 */
export const dynamoExpiredItems = (client: DynamoDBClient, tables: readonly SweptTable[]): ExpiredItems => {
  const mortal = tables.filter(({ timeToLive }) => timeToLive !== undefined);

  const placeOf = (
    text: string | undefined,
  ): { readonly table: SweptTable | undefined; readonly after?: Item } => {
    const place = text === undefined ? undefined : (JSON.parse(text) as Place);
    const table = mortal.find(({ tableName }) => tableName === place?.tableName);
    return table ? { table, ...(place?.after && { after: place.after }) } : { table: mortal[0] };
  };

  return {
    async sweepPage(text, nowMs) {
      const { table, after } = placeOf(text);
      if (!table?.timeToLive) return { deletedCount: 0 };
      const { tableName, partitionKey, sortKey, timeToLive } = table;
      const keys = sortKey ? [partitionKey.name, sortKey.name] : [partitionKey.name];
      const expired = {
        names: { "#expires": timeToLive },
        values: { ":now": { N: String(nowMs / 1000) } },
      };
      const { Items = [], LastEvaluatedKey } = await answerTo(
        `scan ${tableName}`,
        client.send(
          new ScanCommand({
            TableName: tableName,
            Limit: ITEMS_PER_PAGE,
            ProjectionExpression: keys.map((_, index) => `#k${index}`).join(", "),
            FilterExpression: "#expires <= :now",
            ExpressionAttributeNames: {
              ...expired.names,
              ...Object.fromEntries(keys.map((key, index) => [`#k${index}`, key])),
            },
            ExpressionAttributeValues: expired.values,
            ExclusiveStartKey: after,
          }),
        ),
      );
      let deletedCount = 0;
      for (const Key of Items) {
        const isDeleted = await attempted(
          `delete from ${tableName}`,
          client.send(
            new DeleteItemCommand({
              TableName: tableName,
              Key,
              // It may have been written again since.
              ConditionExpression: "#expires <= :now",
              ExpressionAttributeNames: expired.names,
              ExpressionAttributeValues: expired.values,
            }),
          ),
        );
        if (isDeleted) deletedCount++;
      }
      const following = mortal[mortal.indexOf(table) + 1];
      const next: Place | undefined = LastEvaluatedKey
        ? { tableName, after: LastEvaluatedKey }
        : following && { tableName: following.tableName };
      return { deletedCount, ...(next && { next: JSON.stringify(next) }) };
    },
  };
};
