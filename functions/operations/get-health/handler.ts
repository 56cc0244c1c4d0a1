import { httpFunction } from "../../../lib/runtime/http.ts";
import definition from "./definition.ts";

export const createHandler = () =>
  httpFunction(definition, {
    "GET /healthz": async () => ({ status: 200, body: { status: "ok" } }),
  });

export const handler = createHandler();
