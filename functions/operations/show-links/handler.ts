import { httpFunction } from "../../../lib/runtime/http.ts";
import { publicPrefixOf } from "../../../lib/runtime/public-prefix.ts";
import definition from "./definition.ts";
import { baseOf, linksPage } from "./page.ts";

/** The page is text and links: it runs and loads nothing, and nothing may frame it. */
const PAGE_HEADERS = {
  "content-security-policy":
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  vary: "host",
};

export const createHandler = () =>
  httpFunction(definition, {
    "GET /": async ({ headers }) => ({
      status: 200,
      headers: PAGE_HEADERS,
      body: linksPage(baseOf(headers), publicPrefixOf(headers)),
      contentType: "text/html; charset=utf-8",
    }),
  });

export const handler = createHandler();
