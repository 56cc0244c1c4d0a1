import * as Type from "typebox";
import type { Page } from "../../core/page.ts";

export const CURSOR = Type.String({ minLength: 1, maxLength: 2048, description: "From the previous page" });

/** Query parameters of a paged listing. */
export const pageQuery = (maximum: number, usual: number) => ({
  limit: Type.Integer({ minimum: 1, maximum, default: usual }),
  cursor: Type.Optional(CURSOR),
});

export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string;
}

/**
 * Bytes of a page's items in Lambda's response: JSON within JSON. Lambda's limit is 6 MB for the whole
 * response.
 */
export const MAXIMUM_PAGE_BYTES = 5_000_000;

/** Size of a text in Lambda's response, which holds a body as a JSON string. */
export const answeredBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text));

/**
 * A page of a listing as JSON, cut short where it would be too large. It is then read again with fewer items,
 * because only the store knows the cursor that continues from there. One item always fits.
 */
export const fittingPage = async <Item, Json>(
  request: PageQuery,
  list: (request: PageQuery) => Promise<Page<Item>>,
  toJson: (item: Item) => Json,
): Promise<Page<Json>> => {
  const { items, cursor } = await list(request);
  const page: Json[] = [];
  let bytes = 0;
  for (const item of items) {
    const json = toJson(item);
    bytes += answeredBytes(JSON.stringify(json)) + 1;
    if (bytes > MAXIMUM_PAGE_BYTES && page.length > 0) {
      const { items: fewer, cursor: next } = await list({ ...request, limit: page.length });
      return { items: fewer.map(toJson), ...(next !== undefined && { cursor: next }) };
    }
    page.push(json);
  }
  return { items: page, ...(cursor !== undefined && { cursor }) };
};

/** This many always fit: no position takes a thousand bytes in any format. */
const POSITIONS_THAT_FIT = 5_000;

/** How many of `count` positions fit into a response, given the body that holds all of them. */
export const fittingCount = (body: unknown, count: number): number => {
  if (count <= POSITIONS_THAT_FIT) return count;
  const bytes = answeredBytes(typeof body === "string" ? body : JSON.stringify(body));
  if (bytes <= MAXIMUM_PAGE_BYTES) return count;
  return Math.max(POSITIONS_THAT_FIT, Math.floor((count * 0.95 * MAXIMUM_PAGE_BYTES) / bytes));
};

/**
 * The `Link` header (RFC 8288) that points to the next page; none on the last page. The reference is only a
 * query: it resolves against the request's own address, whatever host and base path the API has.
 */
export const nextLink = (
  { query }: { readonly query: object },
  cursor: string | undefined,
): Record<string, string> => {
  if (cursor === undefined) return {};
  const next = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...query, cursor })) {
    if (value !== undefined) next.set(name, String(value));
  }
  return { link: `<?${next}>; rel="next"` };
};
