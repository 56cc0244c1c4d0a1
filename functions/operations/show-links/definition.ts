import * as Type from "typebox";
import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "show-links",
  description: "The page at the API's address: where everything is",
  memoryMegabytes: 128,
  timeoutSeconds: 5,
  routes: [
    {
      method: "GET",
      path: "/",
      summary: "A page of links for people",
      tag: "service",
      access: "public",
      responses: {
        200: { description: "The page", content: { "text/html": Type.String() } },
      },
    },
  ],
});
