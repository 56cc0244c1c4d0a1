import * as Type from "typebox";
import { CURSOR, pageQuery } from "../../../lib/runtime/api/page.ts";
import { problem } from "../../../lib/runtime/api/problem.ts";
import { SHARE, SHARE_PATH } from "../../../lib/runtime/api/share.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "read-shares",
  description: "Returns what is shared, without the links themselves",
  memoryMegabytes: 256,
  timeoutSeconds: 10,
  tables: { shares: "read", listings: "read" },
  routes: [
    {
      method: "GET",
      path: "/shares",
      summary: "Everything that is shared now, in pages; a link itself is shown only when it is created",
      tag: "shares",
      access: "read",
      admitsPrefixedKeys: true,
      query: Type.Object(pageQuery(1000, 100)),
      responses: {
        200: {
          description: "A page; the header Link points to the next one",
          content: {
            "application/json": Type.Object({ shares: Type.Array(SHARE), cursor: Type.Optional(CURSOR) }),
          },
        },
        400: problem("A parameter is not valid"),
      },
    },
    {
      method: "GET",
      path: "/shares/{shareId}",
      summary: "One share",
      tag: "shares",
      access: "read",
      // A share of other devices is not found.
      admitsPrefixedKeys: true,
      parameters: SHARE_PATH,
      responses: {
        200: { description: "The share", content: { "application/json": SHARE } },
        404: problem("There is no such share"),
      },
    },
  ],
});
