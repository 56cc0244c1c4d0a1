import { equal, ok } from "node:assert/strict";
import type { Attack } from "../attack.ts";
import { nextQuarantineOf, putRecord } from "../put-record.ts";

const AHEAD_MS = 12 * 60 * 60 * 1000;
const ahead = () => ({ timestamp: Date.now() + AHEAD_MS, latitude: 1, longitude: 1 });

export const attacks: readonly Attack[] = [
  {
    finding: 7,
    name: "a fix 12 hours ahead by POST",
    sends: "one position 12 hours ahead, alone and beside a good one",
    healthy: "refused, with the name of the field; the good one is in the device's state",
    async run({ send, until, newDeviceId }) {
      const deviceId = newDeviceId();
      const path = `/devices/${deviceId}/positions`;
      const alone = await send({ method: "POST", path, body: ahead() });
      equal(alone.status, 400);
      equal(alone.json.errors[0].field, "timestamp");
      const good = { timestamp: Date.now() - 1000, latitude: 46, longitude: 14.5 };
      const beside = await send({ method: "POST", path, body: [ahead(), good] });
      equal(beside.status, 202);
      equal(beside.json.accepted, 1);
      equal(beside.json.rejected[0].field, "timestamp");
      const ask = () => send({ path: `/devices/${deviceId}` });
      const { json } = await until(ask, ({ status }) => status === 200);
      equal(json.position.timestamp, new Date(good.timestamp).toISOString());
      return undefined;
    },
  },
  {
    finding: 7,
    name: "fixes 12 hours ahead by stream",
    sends: "three positions 12 hours ahead beside a good one by PutRecord, while the device drives on",
    healthy: "they are in quarantine, and later positions are on time",
    needsOwnStack: true,
    async run(target) {
      const { send, drive, newDeviceId } = target;
      const deviceId = newDeviceId();
      const good = { timestamp: Date.now() - 60_000, latitude: 46, longitude: 14.5 };
      await putRecord(target, deviceId, JSON.stringify([ahead(), good, ahead(), ahead()]));
      await drive(deviceId, { count: 30 });
      const [record] = await nextQuarantineOf(target, deviceId);
      equal(record.problems.length, 3);
      ok(record.problems.every(({ field }) => field === "timestamp"));
      const { json } = await send({ path: `/devices/${deviceId}` });
      equal(json.positionCount, 31);
      equal(json.latePositionCount, 0);
      equal(json.odometerComplete, true);
      return undefined;
    },
  },
];
