import { equal, ok } from "node:assert/strict";
import type { Attack } from "../attack.ts";

export const attacks: readonly Attack[] = [
  {
    finding: 17,
    name: "one request several times",
    sends:
      "POST /replays with one Idempotency-Key, in parallel and in sequence, then with another body and after a DELETE",
    healthy: "one replay; 422 for another body; 410 after its deletion",
    async run({ send, recordingId, newDeviceId }) {
      const body = { recordingId: await recordingId(), deviceId: newDeviceId(), rate: 0.01 };
      const headers = { "idempotency-key": crypto.randomUUID(), "content-type": "application/json" };
      const ask = (sent: object) =>
        send({ method: "POST", path: "/replays", headers, body: JSON.stringify(sent) });
      const atOnce = await Promise.all([ask(body), ask(body), ask(body)]);
      const repeated = await ask(body);
      const answers = [...atOnce, repeated];
      const made = new Set(answers.filter(({ status }) => status < 300).map(({ json }) => json.replayId));
      equal(made.size, 1, answers.map(({ status, text }) => `${status} ${text}`).join("; "));
      ok(repeated.status < 300, repeated.text);
      const [replayId] = made;
      const path = `/replays/${replayId}`;
      try {
        equal((await ask({ ...body, rate: 1 })).status, 422);
        const other = await send({ path: "/replays?limit=100" });
        const ours = other.json.replays.filter((replay: object) =>
          JSON.stringify(replay).includes(body.deviceId),
        );
        equal(ours.length, 1);
        equal((await send({ path })).status, 200);
      } finally {
        await send({ method: "DELETE", path });
      }
      equal((await ask(body)).status, 410);
      return undefined;
    },
  },
];
