import { KEY_PARAMETER, keyInHeaders } from "../core/access/sent-key.ts";
import { parseFleetPositions } from "../core/position/parse-fleet-positions.ts";
import { parsePositions } from "../core/position/parse-positions.ts";
import type { Protocol } from "./protocol.ts";

/** How long it usually takes until the device's state shows what was accepted. */
const STATE_FOLLOWS_SECONDS = "2";

/**
 * Our own: positions as one JSON object, an array or NDJSON, with our field names or the course's. Of one
 * device, which the path names, or of many, which the positions name.
 */
export const backtrack = {
  name: "backtrack",
  routes: ["POST /devices/{deviceId}/positions", "POST /positions"],
  mustBringPosition: true,
  credentials: (head) => keyInHeaders(head) ?? head.query(KEY_PARAMETER),
  device: ({ parameters: { deviceId } }) => deviceId,
  positions({ parameters: { deviceId }, body }, { nowMs, timestampRules, devices }) {
    if (deviceId === undefined) return parseFleetPositions(body, nowMs, devices, timestampRules);
    const { positions, ...outcome } = parsePositions(body, nowMs, deviceId, timestampRules);
    return { ...outcome, positions: new Map([[deviceId, positions]]), forbidden: 0 };
  },
  reply: ({ device, accepted, rejected }) => ({
    status: 202,
    ...(device !== undefined && {
      headers: { location: `/devices/${encodeURIComponent(device)}`, "retry-after": STATE_FOLLOWS_SECONDS },
    }),
    body: { accepted, rejected },
  }),
} as const satisfies Protocol;
