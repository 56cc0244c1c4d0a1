import { httpFunction } from "../../../lib/runtime/http.ts";
import { openApiOf } from "../../../lib/runtime/openapi.ts";
import packageJson from "../../../package.json" with { type: "json" };
import { MANIFEST } from "../../manifest.ts";
import definition from "./definition.ts";

export const createHandler = () => {
  const body = JSON.stringify(openApiOf(MANIFEST, packageJson.version));
  return httpFunction(definition, {
    "GET /openapi.json": async () => ({ status: 200, body, contentType: "application/json" }),
  });
};

export const handler = createHandler();
