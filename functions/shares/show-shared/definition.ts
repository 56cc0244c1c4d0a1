import * as Type from "typebox";
import { CURSOR } from "../../../lib/runtime/api/page.ts";
import { POSITION } from "../../../lib/runtime/api/position.ts";
import { problem } from "../../../lib/runtime/api/problem.ts";
import { SHARED_PATH } from "../../../lib/runtime/api/share.ts";
import { TRACK_FILES, TRACK_QUERY } from "../../../lib/runtime/api/track.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

const MOMENT = Type.String({ format: "date-time" });
const NO_LINK = problem("There is no such link: it has expired, was revoked, or never existed");

const TOO_MANY = problem("The tenant whose link it is has no requests left in this minute");

export default defineFunction({
  name: "show-shared",
  description: "Shows what a link shares, and nothing else",
  // As get-track, whose work it does.
  memoryMegabytes: 1024,
  timeoutSeconds: 20,
  reportsDamage: "segments",
  tables: {
    shares: "read",
    devices: "read",
    recordings: "read",
    tracks: "read",
    tenants: "read",
    usage: "write",
  },
  routes: [
    {
      method: "GET",
      path: "/shared/{token}",
      summary:
        "What a link shows: its name and times and, for a device, the newest position; of a link with area or hide, of the last week",
      tag: "shares",
      access: "public",
      parameters: SHARED_PATH,
      responses: {
        200: {
          description: "What is shared",
          content: {
            "application/json": Type.Object({
              kind: Type.Enum(["device", "recording"]),
              name: Type.Optional(Type.String()),
              live: Type.Boolean({ description: "Whether it also shows positions to come" }),
              from: Type.Optional(MOMENT),
              to: Type.Optional(MOMENT),
              expiresAt: MOMENT,
              position: Type.Optional(POSITION),
            }),
          },
        },
        404: NO_LINK,
        429: TOO_MANY,
      },
    },
    {
      method: "GET",
      path: "/shared/{token}/track",
      summary: "The positions that a link shows: each once, in time order",
      tag: "shares",
      access: "public",
      parameters: SHARED_PATH,
      query: TRACK_QUERY,
      responses: {
        200: {
          description:
            "A page; the header Link points to the next one. Of a link with area or hide, a page ends with the UTC day: it may be short, or empty, and still have a next one",
          content: {
            "application/json": Type.Object({
              name: Type.Optional(Type.String()),
              positions: Type.Array(POSITION),
              cursor: Type.Optional(CURSOR),
            }),
            ...TRACK_FILES,
          },
        },
        400: problem("A parameter is not valid"),
        404: NO_LINK,
        429: TOO_MANY,
        406: problem("None of the formats in Accept is available"),
      },
    },
  ],
});
