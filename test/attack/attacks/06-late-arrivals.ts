import { equal, ok } from "node:assert/strict";
import { MAXIMUM_TAIL_POSITIONS } from "../../../lib/core/device/tail-size.ts";
import type { Attack } from "../attack.ts";

/** Each half has more positions than a device's state keeps in order. */
const POSITIONS = 2 * (MAXIMUM_TAIL_POSITIONS + 88);
const STEP_DEGREES = 1e-4;
/** On a meridian. */
const METERS_PER_DEGREE = 111_195;

export const attacks: readonly Attack[] = [
  {
    finding: 6,
    name: "a backlog after its successors",
    sends: "the newer half of a drive, then the older half, newest first",
    healthy: "odometerComplete false; after POST repairs true, and the whole drive's distance",
    timeLimitSeconds: 20,
    async run({ send, until, newDeviceId }) {
      const deviceId = newDeviceId();
      const path = `/devices/${deviceId}`;
      const beginMs = Date.now() - POSITIONS * 1000 - 60_000;
      const drive = Array.from({ length: POSITIONS }, (_, index) => ({
        timestamp: beginMs + index * 1000,
        latitude: 46 + index * STEP_DEGREES,
        longitude: 14.5,
      }));
      const half = POSITIONS / 2;
      const heard = (count: number) =>
        until(
          () => send({ path }),
          ({ json }) => json.positionCount === count,
        );
      const newer = await send({ method: "POST", path: `${path}/positions`, body: drive.slice(half) });
      equal(newer.status, 202, newer.text);
      equal((await heard(half)).json.odometerComplete, true);
      const older = drive.slice(0, half).reverse();
      equal((await send({ method: "POST", path: `${path}/positions`, body: older })).status, 202);
      const owed = (await heard(POSITIONS)).json;
      equal(owed.odometerComplete, false);
      equal(owed.latePositionCount, half);
      const repair = () => send({ method: "POST", path: `${path}/repairs` });
      await until(repair, ({ status }) => status === 200);
      const { json } = await send({ path });
      equal(json.odometerComplete, true);
      equal(json.latePositionCount, 0);
      const meters = (POSITIONS - 1) * STEP_DEGREES * METERS_PER_DEGREE;
      const share = json.odometerMeters / meters;
      ok(Math.abs(share - 1) < 0.01, `${json.odometerMeters} m instead of ${meters.toFixed(0)} m`);
      return `${owed.odometerMeters} m, repaired ${json.odometerMeters} m`;
    },
  },
];
