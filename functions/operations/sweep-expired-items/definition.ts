import * as Type from "typebox";
import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "sweep-expired-items",
  description: "Deletes expired items from stores that have no time to live",
  memoryMegabytes: 256,
  timeoutSeconds: 60,
  cron: "*/10 * * * *",
  // Every table with a time to live; a test compares.
  tables: {
    recordings: "readWrite",
    replays: "readWrite",
    tasks: "readWrite",
    keys: "readWrite",
    shares: "readWrite",
    usage: "readWrite",
    quarantine: "readWrite",
    listings: "readWrite",
    claims: "readWrite",
  },
  routes: [
    {
      method: "POST",
      path: "/",
      summary: "Sweep now, unless that was done within the last minute",
      tag: "operations",
      // Whoever calls it wants what happens anyway, and at most once a minute.
      access: "public",
      responses: {
        200: {
          description: "What was done; without `deleted`, the last sweep was less than a minute ago",
          content: {
            "application/json": Type.Object({
              deleted: Type.Optional(Type.Integer({ minimum: 0 })),
              complete: Type.Optional(Type.Boolean({ description: "False if the next sweep has to go on" })),
            }),
          },
        },
      },
    },
  ],
});
