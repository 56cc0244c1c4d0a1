import * as Type from "typebox";
import { DEVICE } from "../../../lib/runtime/api/device.ts";
import { CURSOR, pageQuery } from "../../../lib/runtime/api/page.ts";
import { problem } from "../../../lib/runtime/api/problem.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "list-devices",
  description: "Lists devices with their state",
  memoryMegabytes: 256,
  timeoutSeconds: 10,
  reportsDamage: "states",
  tables: { devices: "read", listings: "read" },
  routes: [
    {
      method: "GET",
      path: "/devices",
      summary: "All devices, in pages, ordered by id",
      tag: "devices",
      access: "read",
      admitsPrefixedKeys: true,
      query: Type.Object(pageQuery(1000, 100)),
      responses: {
        200: {
          description: "A page; the header Link points to the next one",
          content: {
            "application/json": Type.Object({
              devices: Type.Array(DEVICE),
              cursor: Type.Optional(CURSOR),
              damaged: Type.Optional(
                Type.Array(Type.String(), {
                  description: "Ids of devices left out because their stored state can't be read",
                }),
              ),
            }),
          },
        },
        400: problem("A parameter is not valid"),
      },
    },
  ],
});
