import * as Type from "typebox";
import { defineFunction } from "../../../lib/runtime/definition.ts";

const COUNT = Type.Integer({ minimum: 0 });
const LIMIT = Type.Optional(COUNT);

export default defineFunction({
  name: "get-usage",
  description: "Returns a tenant's limits and usage",
  memoryMegabytes: 512,
  // It reads up to 10,000 devices and 10,000 recordings.
  timeoutSeconds: 28,
  tables: {
    devices: "read",
    recordings: "read",
    replays: "read",
    shares: "read",
    listings: "read",
    claims: "read",
    usage: "readWrite",
  },
  schedules: { replays: ["get", "list"] },
  routes: [
    {
      method: "GET",
      path: "/usage",
      summary: "Your limits, and how much of each you use now",
      tag: "operations",
      access: "read",
      responses: {
        200: {
          description: "Limits and usage; a limit that is absent is not set",
          content: {
            "application/json": Type.Object({
              limits: Type.Object({
                devices: LIMIT,
                requestsPerMinute: LIMIT,
                storedPositions: LIMIT,
                replaysAtOnce: LIMIT,
              }),
              usage: Type.Object({
                devices: COUNT,
                recordings: COUNT,
                storedPositions: Type.Integer({
                  minimum: 0,
                  description: "Positions of your devices and recordings",
                }),
                replaysAtOnce: Type.Integer({
                  minimum: 0,
                  description: "Replays that are playing or paused",
                }),
                replaySchedules: COUNT,
                shares: COUNT,
                requestsThisMinute: Type.Optional(
                  Type.Integer({
                    minimum: 0,
                    description:
                      "Absent where requests are not limited, because they are not counted then. Functions reserve requests in blocks, " +
                      "so this may be too high by a hundredth of the limit for each function",
                  }),
                ),
              }),
              complete: Type.Boolean({
                description:
                  "False if there is more than one request can count: then the figures are too low",
              }),
            }),
          },
        },
      },
    },
  ],
});
