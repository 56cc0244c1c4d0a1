import * as Type from "typebox";
import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "get-openapi",
  description: "Returns the API's own description",
  memoryMegabytes: 256,
  timeoutSeconds: 10,
  routes: [
    {
      method: "GET",
      path: "/openapi.json",
      summary: "This document",
      tag: "service",
      access: "public",
      responses: {
        200: {
          description: "OpenAPI 3.1",
          content: { "application/json": Type.Object({ openapi: Type.String() }) },
        },
      },
    },
  ],
});
