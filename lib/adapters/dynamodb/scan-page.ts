import { type DynamoDBClient, ScanCommand, type ScanCommandInput } from "@aws-sdk/client-dynamodb";
import type { Page, PageRequest } from "../../core/page.ts";
import { answerTo } from "../aws-errors.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import type { Item } from "./batch.ts";

/** What is scanned, and how its items are named and read. */
export interface Listing<Listed> {
  readonly scan: Omit<ScanCommandInput, "Limit" | "ExclusiveStartKey">;
  /** The text attribute that the cursor holds. */
  readonly keyName: string;
  /** The whole key of the item that has this text. */
  readonly keyOf: (text: string) => Item;
  readonly toItem: (item: Item) => Listed;
}

/**
 * One page of a table. Asks for one item more than the page holds, so that the last page is known to be the
 * last; a cursor is the key of the last item given out.
 */
export const scanPage = async <Listed>(
  client: DynamoDBClient,
  { scan, keyName, keyOf, toItem }: Listing<Listed>,
  { limit, cursor }: PageRequest,
): Promise<Page<Listed>> => {
  const found: Item[] = [];
  let from = cursor === undefined ? undefined : keyOf(decodeCursor(cursor, { [keyName]: "string" })[keyName]);
  do {
    // With a filter, a limit would also count what the filter drops.
    const remaining = scan.FilterExpression ? undefined : limit + 1 - found.length;
    const command = new ScanCommand({ ...scan, Limit: remaining, ExclusiveStartKey: from });
    const answer = await answerTo(`list ${scan.TableName}`, client.send(command));
    found.push(...(answer.Items ?? []));
    from = answer.LastEvaluatedKey;
  } while (from && found.length <= limit);

  const page = found.slice(0, limit);
  const items = page.map(toItem);
  const lastKey = page.at(-1)?.[keyName].S;
  return found.length > limit && lastKey
    ? { items, cursor: encodeCursor({ [keyName]: lastKey }) }
    : { items };
};
