import { equal, ok } from "node:assert/strict";
import type { Attack } from "../attack.ts";
import type { Answer, Target } from "../target.ts";

const LAMBDA_ANSWER_BYTES = 6_000_000;

/** Requests a replay; the created ones are deleted when the attack is over. */
const withReplays = async (
  { send, recordingId }: Target,
  play: (ask: (body: object) => Promise<Answer>, recordingId: string) => Promise<string | undefined>,
): Promise<string | undefined> => {
  const made: string[] = [];
  const ask = async (body: object): Promise<Answer> => {
    const answer = await send({ method: "POST", path: "/replays", body });
    if (answer.status === 201) made.push(answer.json.replayId);
    return answer;
  };
  try {
    return await play(ask, await recordingId());
  } finally {
    for (const replayId of made) await send({ method: "DELETE", path: `/replays/${replayId}` });
  }
};

export const attacks: readonly Attack[] = [
  {
    finding: 5,
    name: "a page of replays of 1,000 copies",
    sends: "POST /replays with 1,000 copies, several times, paused at once; then GET /replays",
    healthy: "a page that Lambda can return",
    timeLimitSeconds: 60,
    run: (target) =>
      withReplays(target, async (ask, recordingId) => {
        for (let index = 0; index < 3; index++) {
          const deviceId = `${target.newDeviceId()}-${"x".repeat(60)}`;
          const body = { recordingId, deviceId, copies: 1_000, rate: 0.01 };
          const { status, json } = await ask(body);
          equal(status, 201);
          await target.send({ method: "PATCH", path: `/replays/${json.replayId}`, body: { paused: true } });
        }
        const { status, text } = await target.send({ path: "/replays?limit=100" });
        equal(status, 200);
        ok(Buffer.byteLength(JSON.stringify(text)) < LAMBDA_ANSWER_BYTES, `a page has ${text.length} bytes`);
        return `${text.length} bytes`;
      }),
  },
  {
    finding: 5,
    name: "replays without end",
    sends: "POST /replays repeatedly, each for another device",
    healthy: "429 that names the limit and the present number, with Retry-After",
    timeLimitSeconds: 90,
    longestWaitSeconds: 10,
    run: (target) =>
      withReplays(target, async (ask, recordingId) => {
        for (let count = 0; count < 150; count++) {
          const { status, headers, json } = await ask({
            recordingId,
            deviceId: target.newDeviceId(),
            rate: 0.01,
          });
          if (status === 201) continue;
          equal(status, 429);
          ok(Number(headers["retry-after"]) > 0);
          ok(/at most \d+ replays .* there are \d+/.test(json.detail), json.detail);
          return `refused after ${count}`;
        }
        throw new Error("150 replays play at once");
      }),
  },
  {
    finding: 17,
    name: "two sources onto one device",
    sends: "POST /replays onto a device twice, and with two sources for one device",
    healthy: "409 without allowSharedDevices",
    run: (target) =>
      withReplays(target, async (ask, recordingId) => {
        const deviceId = target.newDeviceId();
        const source = { recordingId, deviceId };
        equal((await ask({ sources: [source, source] })).status, 409);
        equal((await ask({ ...source, rate: 0.01 })).status, 201);
        equal((await ask(source)).status, 409);
        equal((await ask({ ...source, rate: 0.01, allowSharedDevices: true })).status, 201);
        return undefined;
      }),
  },
];
