import type { IncomingHttpHeaders } from "node:http";
import { ALLOWED_REQUEST_HEADERS, EXPOSED_RESPONSE_HEADERS } from "../../lib/runtime/cors-headers.ts";

/** An hour, as on AWS. */
const KEPT_SECONDS = 3_600;

const METHODS = "GET,POST,PATCH,PUT,DELETE,OPTIONS";

/** The answers to browsers, which ask whether a page of another origin may use the API. */
export interface Cors {
  /** For an answer to a page's request; nothing for pages that may not read it. */
  headersFor(requestHeaders: IncomingHttpHeaders): Readonly<Record<string, string>>;
  /** The headers of the answer (204) to a question before the request; undefined if it is none. */
  preflight(
    method: string,
    requestHeaders: IncomingHttpHeaders,
  ): Readonly<Record<string, string>> | undefined;
}

/**
 * As API Gateway does it: a page of an origin that is not listed gets an answer without permission, and its
 * browser refuses to show it. Without any origin listed, a preflight is a request like any other.
 */
export const corsFor = (allowedOrigins: readonly string[]): Cors => {
  if (allowedOrigins.length === 0) return { headersFor: () => ({}), preflight: () => undefined };
  const takesAll = allowedOrigins.includes("*");
  const originFor = ({ origin }: IncomingHttpHeaders): string | undefined => {
    if (origin === undefined) return undefined;
    if (takesAll) return "*";
    return allowedOrigins.includes(origin) ? origin : undefined;
  };
  const vary: Readonly<Record<string, string>> = takesAll ? {} : { vary: "origin" };
  return {
    headersFor: (requestHeaders) => {
      const origin = originFor(requestHeaders);
      return {
        ...vary,
        ...(origin && {
          "access-control-allow-origin": origin,
          "access-control-expose-headers": EXPOSED_RESPONSE_HEADERS.join(","),
        }),
      };
    },
    preflight: (method, requestHeaders) => {
      if (method !== "OPTIONS" || !requestHeaders["access-control-request-method"]) return undefined;
      const origin = originFor(requestHeaders);
      return {
        ...vary,
        ...(origin && {
          "access-control-allow-origin": origin,
          "access-control-allow-methods": METHODS,
          "access-control-allow-headers": ALLOWED_REQUEST_HEADERS.join(","),
          "access-control-max-age": String(KEPT_SECONDS),
        }),
      };
    },
  };
};
