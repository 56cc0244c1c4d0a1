import { equal, ok } from "node:assert/strict";
import { zstd } from "../../../lib/adapters/zstd.ts";
import { MAXIMUM_TAIL_POSITIONS } from "../../../lib/core/device/tail-size.ts";
import { PositionBuffer } from "../../../lib/core/position/position-buffer.ts";
import { compressSegment, encodeSegment } from "../../../lib/core/segment/segment.ts";
import type { Attack } from "../attack.ts";
import { putRecord, quarantineOf } from "../put-record.ts";

const POSITIONS = 40_000;
/** More positions than a device's state keeps in order, so that the record is late. */
const DRIVEN = MAXIMUM_TAIL_POSITIONS + 88;
const HOUR_MS = 60 * 60 * 1000;
/** The largest item of a table. */
const ITEM_BYTES = 400 * 1024;

/** Incompressible positions, one a second. */
const noise = (beginMs: number): PositionBuffer => {
  const positions = new PositionBuffer(POSITIONS);
  for (let index = 0; index < POSITIONS; index++) {
    positions.push({
      timestampMs: beginMs + index * 1000,
      latitude: Math.random() * 180 - 90,
      longitude: Math.random() * 360 - 180,
      elevationMeters: Math.random() * 9_000,
      accuracyMeters: Math.random() * 1_000,
      bearingDegrees: Math.random() * 359,
    });
  }
  return positions;
};

export const attacks: readonly Attack[] = [
  {
    finding: 9,
    name: "a late record larger than an item",
    sends: `${POSITIONS} positions of noise, a day late, as one record of hundreds of KB`,
    healthy: "all of them are on the track, none is in quarantine, and the lane continues",
    needsOwnStack: true,
    timeLimitSeconds: 30,
    async run(target) {
      const { send, until, drive, newDeviceId } = target;
      const deviceId = newDeviceId();
      await drive(deviceId, { count: DRIVEN });
      const beginMs = Date.now() - 24 * HOUR_MS;
      const data = compressSegment(encodeSegment(noise(beginMs)), zstd);
      ok(data.length > ITEM_BYTES && data.length < 1_000_000, `${data.length} bytes`);
      await putRecord(target, deviceId, data);
      const path = `/devices/${deviceId}`;
      const ask = () => send({ path });
      const { json } = await until(ask, (answer) => answer.json.positionCount === DRIVEN + POSITIONS);
      equal(json.latePositionCount, POSITIONS);
      await drive(deviceId, { count: 5, endMs: Date.now() });
      equal((await quarantineOf(target, deviceId)).length, 0);
      const to = new Date(beginMs + POSITIONS * 1000).toISOString();
      const from = new Date(beginMs + (POSITIONS - 1_000) * 1000).toISOString();
      const track = await send({ path: `${path}/track?from=${from}&to=${to}&limit=10000` });
      equal(track.json.positions.length, 1_000);
      return `${data.length} bytes`;
    },
  },
];
