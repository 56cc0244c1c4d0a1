import { IDEMPOTENCY_KEY } from "../../../lib/runtime/api/idempotency-key.ts";
import { problem } from "../../../lib/runtime/api/problem.ts";
import { REPLAY, REPLAY_BODY, REPLAY_BODY_MEANING } from "../../../lib/runtime/api/replay.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "create-replay",
  description: "Starts playing recordings onto the stream",
  memoryMegabytes: 256,
  timeoutSeconds: 15,
  tables: { replays: "readWrite", recordings: "read", listings: "write", claims: "readWrite" },
  limits: ["replaysAtOnce", "replaysAtOncePerKey", "replayKeptDays"],
  starts: ["replay"],
  routes: [
    {
      method: "POST",
      path: "/replays",
      summary: "Play a recording, or several side by side, as devices",
      tag: "replays",
      access: "control",
      admitsPrefixedKeys: true,
      headers: IDEMPOTENCY_KEY,
      body: {
        contentTypes: ["application/json"],
        description: REPLAY_BODY_MEANING,
        schema: REPLAY_BODY,
      },
      responses: {
        201: {
          description: "It is about to play, or has been since the same idempotency key was sent before",
          content: { "application/json": REPLAY },
        },
        400: problem("A field breaks a rule"),
        404: problem("There is no such recording"),
        409: problem("A device is played already; see allowSharedDevices"),
        410: problem("The replay of this idempotency key was deleted"),
        422: problem("The idempotency key was sent before with another body"),
        429: problem("Too many replays play or are paused"),
        503: problem("The workflow did not start; the replay is kept, failed, and can be started by PATCH"),
      },
    },
  ],
});
