import * as Type from "typebox";
import type { HttpRequest } from "../http.ts";

export const CURSOR = Type.String({ minLength: 1, maxLength: 2048, description: "From the page before" });

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
 * The `Link` header (RFC 8288) that leads to the next page; none on the last page. The reference is a query alone: it
 * resolves against the request's own address, whatever host and base path the API has.
 */
export const nextLink = (
  { query }: HttpRequest<object, object>,
  cursor: string | undefined,
): Record<string, string> => {
  if (cursor === undefined) return {};
  const next = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...query, cursor })) {
    if (value !== undefined) next.set(name, String(value));
  }
  return { link: `<?${next}>; rel="next"` };
};
