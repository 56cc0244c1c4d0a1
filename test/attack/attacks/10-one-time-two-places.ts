import { equal } from "node:assert/strict";
import type { Attack } from "../attack.ts";
import { nextQuarantineOf } from "../put-record.ts";

export const attacks: readonly Attack[] = [
  {
    finding: 10,
    name: "two places of one second",
    sends: "four positions at whole seconds in one request, two of them in one second at different places",
    healthy: "all four are on the track, spread within their second",
    async run({ send, until, newDeviceId }) {
      const path = `/devices/${newDeviceId()}`;
      const second = Math.floor(Date.now() / 1000) - 10;
      const body = [0, 1, 1, 2].map((offset, index) => ({
        timestamp: second + offset,
        latitude: 46 + index * 1e-3,
        longitude: 14.5,
      }));
      equal((await send({ method: "POST", path: `${path}/positions`, body })).json.accepted, 4);
      const { json } = await until(
        () => send({ path }),
        ({ status }) => status === 200,
      );
      equal(json.positionCount, 4);
      equal(json.conflictCount, 0);
      const from = new Date(second * 1000).toISOString();
      const track = await send({ path: `${path}/track?from=${from}` });
      equal(track.json.positions.length, 4);
      const latitudes = track.json.positions.map(({ latitude }: { latitude: number }) => latitude);
      equal(String(latitudes), String(body.map(({ latitude }) => latitude)));
      return undefined;
    },
  },
  {
    finding: 10,
    name: "two places of one millisecond",
    sends: "a position, and later another in the same millisecond at another place",
    healthy: "the first stays; the other is counted, and in quarantine",
    async run(target) {
      const { send, until, newDeviceId } = target;
      const deviceId = newDeviceId();
      const path = `/devices/${deviceId}`;
      const timestamp = Math.floor(Date.now() / 1000) * 1000 - 4_877;
      const ask = () => send({ path });
      const post = async (latitude: number): Promise<void> => {
        const body = { timestamp, latitude, longitude: 14.5 };
        equal((await send({ method: "POST", path: `${path}/positions`, body })).status, 202);
      };
      await post(46);
      await until(ask, ({ status }) => status === 200);
      await post(47);
      const { json } = await until(ask, (answer) => answer.json.conflictCount === 1);
      equal(json.positionCount, 1);
      equal(json.position.latitude, 46);
      equal((await nextQuarantineOf(target, deviceId)).length, 1);
      return undefined;
    },
  },
];
