import * as Type from "typebox";
import { defineFunction } from "../../../lib/runtime/definition.ts";

const COUNT = Type.Integer({ minimum: 0 });
const LIMIT = Type.Optional(COUNT);

export default defineFunction({
  name: "get-usage",
  description: "Answers what a tenant may have, and has",
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
      summary: "What you may have, and what you have now",
      tag: "operations",
      access: "read",
      responses: {
        200: {
          description: "Limits and usage; a limit that is missing is not set",
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
                replaysAtOnce: Type.Integer({ minimum: 0, description: "Replays that play or are paused" }),
                replaySchedules: COUNT,
                shares: COUNT,
                requestsThisMinute: Type.Optional(
                  Type.Integer({
                    minimum: 0,
                    description:
                      "Missing where requests are not limited: they are not counted then. Functions take requests in blocks, " +
                      "so this may be ahead by a hundredth of the limit for each function",
                  }),
                ),
              }),
              complete: Type.Boolean({
                description:
                  "False when there is more than is counted in one request: then the figures are too low",
              }),
            }),
          },
        },
      },
    },
  ],
});
