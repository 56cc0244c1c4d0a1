import { deepEqual, equal, match } from "node:assert/strict";
import type { Attack } from "../attack.ts";

const UNKNOWN_FIELDS = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`k${index}`, 1]));

/** More errors than the check once requested, so that the real ones came too late. */
export const attacks: readonly Attack[] = [
  {
    finding: 1,
    name: "eight unknown fields",
    sends: "POST /replays with a rate and a loop of the wrong type behind eight unknown fields",
    healthy: "400 that names the rate, and no replay",
    async run({ send, recordingId }) {
      const recording = await recordingId();
      const body = { recordingId: recording, deviceId: "x", rate: "5", loop: "no", ...UNKNOWN_FIELDS };
      const { status, json } = await send({ method: "POST", path: "/replays", body });
      equal(status, 400);
      const fields: string[] = json.errors.map(({ field }: { field: string }) => field);
      deepEqual(
        ["rate", "loop"].filter((field) => !fields.includes(field)),
        [],
        "the rate and the loop are named",
      );
      return undefined;
    },
  },
  {
    finding: 1,
    name: "copies bomb",
    sends: "POST /replays with 100,000,000 copies behind eight unknown fields, by a key with a device prefix",
    healthy: "400 at once",
    needsOwnStack: true,
    async run({ send, recordingId, own }) {
      const key = await own().newKey({ devicePrefix: "x" });
      const body = { recordingId: await recordingId(), deviceId: "x", copies: 1e8, ...UNKNOWN_FIELDS };
      const { status, text } = await send({ method: "POST", path: "/replays", body, key });
      equal(status, 400);
      match(text, /copies must be a whole number/);
      return undefined;
    },
  },
  {
    finding: 1,
    name: "a million unknown fields",
    sends: "POST /replays with 5 MB of unknown fields",
    healthy: "413 at once",
    // A body of 5 MB takes the local gateway a while, whatever it contains.
    longestWaitSeconds: 10,
    async run({ send }) {
      const fields = Array.from({ length: 350_000 }, (_, index) => `"f${index}":1`);
      const { status, text, seconds } = await send({
        method: "POST",
        path: "/replays",
        body: `{${fields.join(",")}}`,
      });
      equal(status, 413, text.slice(0, 100));
      return `${seconds.toFixed(2)} s`;
    },
  },
];
