import * as Type from "typebox";
import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "get-health",
  description: "Responds if the API is up",
  memoryMegabytes: 128,
  timeoutSeconds: 5,
  routes: [
    {
      method: "GET",
      path: "/healthz",
      summary: "Is the API up?",
      tag: "service",
      access: "public",
      responses: {
        200: {
          description: "It is",
          content: { "application/json": Type.Object({ status: Type.Literal("ok") }) },
        },
      },
    },
  ],
});
