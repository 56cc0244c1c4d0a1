import { httpFunction } from "../../../lib/runtime/http.ts";
import { openApiOf } from "../../../lib/runtime/openapi.ts";
import { publicPrefixOf } from "../../../lib/runtime/public-prefix.ts";
import packageJson from "../../../package.json" with { type: "json" };
import { MANIFEST } from "../../manifest.ts";
import definition from "./definition.ts";

export const createHandler = () => {
  const api = openApiOf(MANIFEST, packageJson.version);
  const body = JSON.stringify(api);
  return httpFunction(definition, {
    "GET /openapi.json": async ({ headers }) => {
      const prefix = publicPrefixOf(headers);
      // Without servers in it, paths count from the top of the host.
      const found = prefix === "" ? body : JSON.stringify({ ...api, servers: [{ url: prefix }] });
      return { status: 200, body: found, contentType: "application/json" };
    },
  });
};

export const handler = createHandler();
