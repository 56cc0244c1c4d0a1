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
      summary: "Play one recording or several side by side, as devices",
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
          description: "The replay is about to play, or was created earlier with the same idempotency key",
          content: { "application/json": REPLAY },
        },
        400: problem("A field is not valid"),
        404: problem("There is no such recording"),
        409: problem("Another replay already plays the device; see allowSharedDevices"),
        410: problem("The replay created with this idempotency key was deleted"),
        422: problem("The idempotency key was used before with a different body"),
        429: problem("Too many replays are playing or paused"),
        503: problem("The workflow did not start; the replay is kept as failed and can be started by PATCH"),
      },
    },
  ],
});
