import { ApiError } from "../server/api-error.ts";

export interface Slice<Item> {
  readonly items: readonly Item[];
  readonly nextToken?: string;
}

/**
 * One page of a list. The token carries the key of the page's last item, so a page is right even when items
 * came or went at the front in between. Any token but one of ours raises InvalidToken.
 */
export const pageOf = <Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  { maxResults, nextToken }: { readonly maxResults?: number; readonly nextToken?: string },
): Slice<Item> => {
  // 0 means the default, by AWS's documentation.
  const length = maxResults || 100;
  let start = 0;
  if (nextToken !== undefined) {
    const key = Buffer.from(nextToken, "base64url").toString();
    start = items.findIndex((item) => keyOf(item) === key) + 1;
    if (start === 0) throw new ApiError("InvalidToken", `Invalid Token: '${nextToken}'`);
  }
  const page = items.slice(start, start + length);
  const last = page.at(-1);
  const isMore = start + page.length < items.length;
  return {
    items: page,
    nextToken: isMore && last ? Buffer.from(keyOf(last)).toString("base64url") : undefined,
  };
};
