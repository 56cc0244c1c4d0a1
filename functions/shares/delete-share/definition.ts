import { problem } from "../../../lib/runtime/api/problem.ts";
import { SHARE_PATH } from "../../../lib/runtime/api/share.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "delete-share",
  description: "Revokes a link",
  memoryMegabytes: 256,
  timeoutSeconds: 10,
  tables: { shares: "readWrite", listings: "write" },
  routes: [
    {
      method: "DELETE",
      path: "/shares/{shareId}",
      summary: "Revoke a link: it stops working at once",
      tag: "shares",
      access: "control",
      // A share of other devices is not found.
      admitsPrefixedKeys: true,
      parameters: SHARE_PATH,
      responses: {
        204: { description: "The link no longer works" },
        404: problem("There is no such share"),
      },
    },
  ],
});
