import * as Type from "typebox";
import { MAXIMUM_DEVICES } from "../../../lib/core/position/parse-fleet-positions.ts";
import { DEVICE_ID, DEVICE_PATH } from "../../../lib/runtime/api/device.ts";
import { POSITION_INPUT } from "../../../lib/runtime/api/position.ts";
import { problem } from "../../../lib/runtime/api/problem.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";
import { MAXIMUM_AHEAD } from "../../../lib/runtime/timestamp-rules.ts";

/** What happened to each element of a body. */
const ACCEPTED = {
  description:
    "The accepted positions are on the stream; the rejected ones are not. The header Location points to the device, whose " +
    "state shows them within about two seconds on AWS (Retry-After) and almost at once elsewhere; until then a new device is a 404",
  content: {
    "application/json": Type.Object({
      accepted: Type.Integer(),
      rejected: Type.Array(
        Type.Object({
          index: Type.Optional(Type.Integer({ description: "Of the element or line, counting from 0" })),
          error: Type.String(),
          field: Type.String(),
          value: Type.Optional(Type.Unknown()),
          rule: Type.String(),
        }),
      ),
    }),
  },
};

const RESPONSES = {
  202: ACCEPTED,
  400: problem("Nothing in the body is a position"),
  409: problem("A new device, or more positions, are beyond what the tenant may have"),
  413: problem("The body is too large"),
  415: problem("The body is neither JSON nor NDJSON"),
  429: problem("The stream is full; try again later"),
};

const CONTENT_TYPES = ["application/json", "application/x-ndjson"];
const NDJSON = Type.String({ description: "One position per line" });
const NAMES = "The course's field names are accepted too; other fields are ignored.";

const NAMED_DEVICE = Type.Union(
  [DEVICE_ID, Type.Integer({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER })],
  { description: "The device that the position belongs to" },
);
const FLEET_POSITION_INPUT = Type.Union([
  Type.Object({ ...POSITION_INPUT.properties, deviceId: NAMED_DEVICE }),
  Type.Object({
    ...POSITION_INPUT.properties,
    deviceId: Type.Optional(Type.Null()),
    device_id: NAMED_DEVICE,
  }),
]);

export default defineFunction({
  name: "accept-positions",
  description: "Accepts positions over HTTP, of one device or of many, and puts them on the stream",
  memoryMegabytes: 256,
  timeoutSeconds: 15,
  canary: true,
  logsOneGoodCallIn: 1_000,
  // Read only for tenants with a limit of devices or of stored positions.
  tables: { devices: "read", recordings: "read", listings: "read" },
  publishesTo: ["positions"],
  environment: MAXIMUM_AHEAD,
  routes: [
    {
      method: "POST",
      path: "/devices/{deviceId}/positions",
      summary: "Report positions of a device",
      tag: "devices",
      access: "ingest",
      parameters: DEVICE_PATH,
      body: {
        contentTypes: CONTENT_TYPES,
        description: `One position, an array of positions, or one JSON object per line. ${NAMES}`,
        described: {
          "application/json": Type.Union([POSITION_INPUT, Type.Array(POSITION_INPUT)]),
          "application/x-ndjson": NDJSON,
        },
      },
      responses: RESPONSES,
    },
    {
      method: "POST",
      path: "/positions",
      summary: "Report positions of many devices",
      tag: "devices",
      access: "ingest",
      // Each element is held to the key's prefix.
      admitsPrefixedKeys: true,
      body: {
        contentTypes: CONTENT_TYPES,
        description:
          `Positions that name their devices: one, an array, or one JSON object per line; at most ${MAXIMUM_DEVICES} devices. ` +
          `${NAMES} An element is rejected if the key is not for its device.`,
        described: {
          "application/json": Type.Union([FLEET_POSITION_INPUT, Type.Array(FLEET_POSITION_INPUT)]),
          "application/x-ndjson": NDJSON,
        },
      },
      responses: RESPONSES,
    },
  ],
});
