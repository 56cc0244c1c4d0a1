import { type AttributeValue, type DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { answerTo } from "../aws-errors.ts";
import type { Item } from "./batch.ts";

/** A reader often stops after a few items; one that does not gets larger pages, below DynamoDB's 1 MB. */
const FIRST_PAGE_ITEMS = 64;
const LARGEST_PAGE_ITEMS = 512;

/** Items of one partition whose sort key is in a range, both ends inclusive. */
export interface PartitionQuery {
  readonly tableName: string;
  readonly partition: { readonly name: string; readonly value: AttributeValue };
  readonly sort: { readonly name: string; readonly from: AttributeValue; readonly to: AttributeValue };
  /** Descending, from the largest sort key on; such a reader rarely wants more than two. */
  readonly newestFirst?: boolean;
  /** Attributes to read; all of them by default. */
  readonly projection?: string;
}

/**
 * The items sorted by key, by default ascending. Strongly consistent, fetched page by page as they are
 * consumed.
 */
export async function* queryItems(
  client: DynamoDBClient,
  { tableName, partition, sort, newestFirst = false, projection }: PartitionQuery,
): AsyncGenerator<Item> {
  // BETWEEN refuses a reversed range, which holds nothing.
  if ((sort.from.S ?? "") > (sort.to.S ?? "")) return;
  let limit = newestFirst ? 2 : FIRST_PAGE_ITEMS;
  let from: Item | undefined;
  do {
    const command = new QueryCommand({
      TableName: tableName,
      ConsistentRead: true,
      KeyConditionExpression: "#partition = :partition AND #sort BETWEEN :from AND :to",
      ExpressionAttributeNames: { "#partition": partition.name, "#sort": sort.name },
      ExpressionAttributeValues: { ":partition": partition.value, ":from": sort.from, ":to": sort.to },
      ProjectionExpression: projection,
      ScanIndexForward: !newestFirst,
      Limit: limit,
      ExclusiveStartKey: from,
    });
    const answer = await answerTo(`read ${tableName}`, client.send(command));
    yield* answer.Items ?? [];
    from = answer.LastEvaluatedKey;
    limit = Math.min(limit * 2, LARGEST_PAGE_ITEMS);
  } while (from);
}
