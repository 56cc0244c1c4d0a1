import { problem } from "../../../lib/runtime/api/problem.ts";
import { NEW_SHARE, SHARE_BODY, SHARE_BODY_MEANING } from "../../../lib/runtime/api/share.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "create-share",
  description: "Creates a link that shows one device or recording for a limited time",
  memoryMegabytes: 256,
  timeoutSeconds: 10,
  tables: { shares: "write", listings: "readWrite", devices: "read", recordings: "read" },
  routes: [
    {
      method: "POST",
      path: "/shares",
      summary:
        "Share one device or recording by a link, for a limited time and within the bounds that you choose",
      tag: "shares",
      access: "control",
      // The link shows positions: it must not give a key what it can't read itself.
      alsoNeeds: "read",
      // Held to the devices of the key by createShare.
      admitsPrefixedKeys: true,
      body: {
        contentTypes: ["application/json"],
        description: SHARE_BODY_MEANING,
        schema: SHARE_BODY,
      },
      responses: {
        201: {
          description: "The share, with its link",
          content: { "application/json": NEW_SHARE },
        },
        400: problem("A field is not valid"),
        404: problem("There is no such device or recording"),
      },
    },
  ],
});
