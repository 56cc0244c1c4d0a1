import { MAXIMUM_PROBLEMS } from "../../../lib/core/position/elements.ts";
import type { FleetPositions } from "../../../lib/core/position/parse-fleet-positions.ts";
import { type DevicesWithoutRoom, noRoom } from "../../../lib/core/usage/room-for-devices.ts";

/**
 * What was sent, less the positions of new devices that there is no room for. Raises ConflictError when
 * nothing is left.
 */
export const withinRoom = <Sent extends FleetPositions>(
  sent: Sent,
  without: DevicesWithoutRoom | undefined,
): Sent => {
  if (!without) return sent;
  const { deviceIds, rule } = without;
  const positions = new Map([...sent.positions].filter(([deviceId]) => !deviceIds.has(deviceId)));
  const [first = ""] = deviceIds;
  if (positions.size === 0) throw noRoom(first, rule);
  const count = [...deviceIds].reduce((sum, id) => sum + (sent.positions.get(id)?.count ?? 0), 0);
  const problems = [...deviceIds].map((value) => ({ field: "deviceId", value, rule }));
  return {
    ...sent,
    positions,
    accepted: sent.accepted - count,
    refused: sent.refused + count,
    rejected: [...sent.rejected, ...problems.slice(0, MAXIMUM_PROBLEMS)],
  };
};
