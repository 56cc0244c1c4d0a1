import type { Page, PageRequest } from "../../core/page.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";

/**
 * One page of a map in the order of its keys. The cursor holds the last key of the page, so that items that
 * come and go between two pages neither repeat nor hide others, as in DynamoDB.
 */
export const pageOf = <Stored, Item>(
  stored: ReadonlyMap<string, Stored>,
  keyName: string,
  { limit, cursor }: PageRequest,
  toItem: (stored: Stored) => Item,
): Page<Item> => {
  const after = cursor === undefined ? undefined : decodeCursor(cursor, { [keyName]: "string" })[keyName];
  const rest = [...stored].filter(([key]) => after === undefined || key > after);
  rest.sort(([one], [other]) => (one < other ? -1 : 1));
  const page = rest.slice(0, limit);
  const items = page.map(([, value]) => toItem(value));
  const last = page.at(-1);
  return rest.length > page.length && last
    ? { items, cursor: encodeCursor({ [keyName]: last[0] }) }
    : { items };
};
