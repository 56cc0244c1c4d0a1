import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type DynamoDBClient,
  type KeysAndAttributes,
  type WriteRequest,
} from "@aws-sdk/client-dynamodb";
import { ThrottledError } from "../../core/errors.ts";
import { answerTo } from "../aws-errors.ts";
import { backOff, type Patience } from "../backoff.ts";

export type Item = Record<string, AttributeValue>;

// DynamoDB's own limits for one call.
const ITEMS_PER_READ = 100;
const ITEMS_PER_WRITE = 25;

/**
 * Reads the items of some different keys; those that do not exist are left out. The read is strongly
 * consistent and of whole items, unless `options` say otherwise.
 */
export const readItems = async (
  client: DynamoDBClient,
  tableName: string,
  keys: readonly Item[],
  patience: Patience,
  options?: Pick<KeysAndAttributes, "ProjectionExpression" | "ExpressionAttributeNames" | "ConsistentRead">,
): Promise<Item[]> => {
  const readChunk = async (chunk: Item[]): Promise<Item[]> => {
    const items: Item[] = [];
    let wanted = chunk;
    for (let failures = 0; ; ) {
      const command = new BatchGetItemCommand({
        RequestItems: { [tableName]: { Keys: wanted, ConsistentRead: true, ...options } },
      });
      const answer = await answerTo(`read ${tableName}`, client.send(command));
      const found = answer.Responses?.[tableName] ?? [];
      items.push(...found);
      wanted = answer.UnprocessedKeys?.[tableName]?.Keys ?? [];
      if (wanted.length === 0) return items;
      failures = found.length > 0 ? 1 : failures + 1;
      await pauseOrGiveUp(`read ${tableName}`, failures, patience);
    }
  };
  return (await Promise.all(chunksOf(keys, ITEMS_PER_READ).map(readChunk))).flat();
};

/** Puts or deletes items of different keys; resolves when every one is done. */
export const writeItems = async (
  client: DynamoDBClient,
  tableName: string,
  requests: readonly WriteRequest[],
  patience: Patience,
): Promise<void> => {
  for (const chunk of chunksOf(requests, ITEMS_PER_WRITE)) {
    let left: WriteRequest[] = chunk;
    for (let failures = 0; ; ) {
      const command = new BatchWriteItemCommand({ RequestItems: { [tableName]: left } });
      const answer = await answerTo(`write ${tableName}`, client.send(command));
      const unprocessed = answer.UnprocessedItems?.[tableName] ?? [];
      if (unprocessed.length === 0) break;
      failures = unprocessed.length < left.length ? 1 : failures + 1;
      left = unprocessed;
      await pauseOrGiveUp(`write ${tableName}`, failures, patience);
    }
  }
};

// Counts attempts without any progress: as long as something gets through, it continues.
const pauseOrGiveUp = async (doing: string, failures: number, patience: Patience): Promise<void> => {
  if (failures >= patience.attempts) {
    throw new ThrottledError(`${doing}: the table took none of it in ${failures} attempts`);
  }
  await backOff(failures, patience);
};

const chunksOf = <Element>(elements: readonly Element[], size: number): Element[][] => {
  const chunks: Element[][] = [];
  for (let start = 0; start < elements.length; start += size)
    chunks.push(elements.slice(start, start + size));
  return chunks;
};
