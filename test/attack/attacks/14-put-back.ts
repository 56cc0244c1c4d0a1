import { equal } from "node:assert/strict";
import { MAXIMUM_AHEAD_MS } from "../../../lib/core/position/parse-timestamp.ts";
import type { Attack } from "../attack.ts";
import { nextQuarantineOf, putRecord, quarantineOf } from "../put-record.ts";

/** Long enough to reach the stream while it is too far ahead, short enough to wait for. */
const TOO_FAR_MS = 3_000;

export const attacks: readonly Attack[] = [
  {
    finding: 14,
    name: "put back from quarantine",
    sends:
      "a position just too far ahead by PutRecord; once it no longer is, POST redrive of its record, twice",
    healthy: "202 and its position is on the track; then 404, and quarantine no longer holds it",
    needsOwnStack: true,
    timeLimitSeconds: 20,
    async run(target) {
      const { send, until, newDeviceId } = target;
      const deviceId = newDeviceId();
      const path = `/devices/${deviceId}`;
      const timestamp = Date.now() + MAXIMUM_AHEAD_MS + TOO_FAR_MS;
      await putRecord(target, deviceId, JSON.stringify({ timestamp, latitude: 46, longitude: 14.5 }));
      const [{ recordId }] = await nextQuarantineOf(target, deviceId);
      equal((await send({ path })).json?.position, undefined);
      const isTaken = async () => Date.now() > timestamp - MAXIMUM_AHEAD_MS;
      await until(isTaken, (taken) => taken);
      const redrive = `/quarantine/${encodeURIComponent(recordId)}/redrive`;
      equal((await send({ method: "POST", path: redrive })).status, 202);
      equal((await send({ method: "POST", path: redrive })).status, 404);
      const ask = () => send({ path });
      const { json } = await until(ask, (answer) => answer.json?.position !== undefined);
      equal(json.position.timestamp, new Date(timestamp).toISOString());
      equal((await quarantineOf(target, deviceId)).length, 0);
      return undefined;
    },
  },
];
