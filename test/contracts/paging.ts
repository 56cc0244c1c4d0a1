import { expect } from "vitest";
import { InvalidInputError } from "../../lib/core/errors.ts";
import type { Page, PageRequest } from "../../lib/core/page.ts";

export type ListPage<Item> = (request: PageRequest) => Promise<Page<Item>>;

/**
 * Every item of a listing, with a check that no page is larger than requested, and that only the last is
 * short.
 */
export const readAllPages = async <Item>(list: ListPage<Item>, limit: number): Promise<Item[]> => {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<Item> = await list({ limit, ...(cursor !== undefined && { cursor }) });
    if (page.cursor !== undefined) expect(page.items).toHaveLength(limit);
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return items;
};

const base64url = (text: string): string => Buffer.from(text).toString("base64url");

/** No listing ever returns one of these. */
export const BAD_CURSORS: Readonly<Record<string, string>> = {
  empty: "",
  "not base64url": "!!",
  "no JSON": base64url("hello"),
  "JSON but no object": base64url("42"),
  null: base64url("null"),
  array: base64url('["a"]'),
  "another listing's": base64url('{"somethingElse":"a"}'),
  "an extra attribute": base64url('{"deviceId":"a","recordingId":"a","replayId":"a","recordId":"a"}'),
  "prototype property": base64url('{"__proto__":"a"}'),
  "a key that no table accepts": base64url(`{"deviceId":"${"k".repeat(3000)}"}`),
};

/** Each is refused for field `cursor`. */
export const expectBadCursorsRefused = async (list: ListPage<unknown>): Promise<void> => {
  for (const [name, cursor] of Object.entries(BAD_CURSORS)) {
    const refusal = await list({ limit: 10, cursor }).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refusal, name).toBeInstanceOf(InvalidInputError);
    expect((refusal as InvalidInputError).problems[0]?.field, name).toBe("cursor");
  }
};

/** What every listing must do, given how to store an item and how to get its id. */
export const expectPagingWorks = async <Item>(
  list: ListPage<Item>,
  idOf: (item: Item) => string,
  expectedIds: readonly string[],
): Promise<void> => {
  const sorted = [...expectedIds].sort();
  for (const limit of [1, 2, 3, expectedIds.length - 1, expectedIds.length, 1_000]) {
    const ids = (await readAllPages(list, limit)).map(idOf);
    expect(ids.sort(), `limit ${limit}`).toEqual(sorted);
  }
  const whole = await list({ limit: expectedIds.length });
  expect(whole.cursor, "a full last page has no cursor").toBeUndefined();
};
