import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { keepInJetStream } from "../../infra/engine/keep-failed-batch.ts";
import { openJetStream } from "../../lib/adapters/jetstream/connection.ts";
import { jetStreamFailedObjects } from "../../lib/adapters/jetstream/failed-batches.ts";
import { jetStreamPositionStream } from "../../lib/adapters/jetstream/position-stream.ts";
import { DEFAULT_TENANT } from "../../lib/core/tenant/tenant-id.ts";
import { clientOf } from "../api-client.ts";
import type { Home, Ran } from "../scenarios/home.ts";
import { runCommand } from "../stack-process.ts";
import type { SelfHosted } from "./self-hosted.ts";

/** A self-hosted stack as the scenarios see it; its commands reach it by its addresses. */
export const selfHostedHome = ({ apiUrl, key, environment, inboxFolder, stackFile }: SelfHosted): Home => {
  const { AWS_ENDPOINT_URL_DYNAMODB: store, POSITIONS_STREAM: stream } = environment;
  const command =
    (script: "keys" | "redrive", where: readonly string[]) =>
    async (...args: string[]): Promise<Ran> => {
      // Where the arguments begin with an action, it comes first.
      const [first = "", ...rest] = args;
      const all = first.startsWith("--") || first === "" ? [...where, ...args] : [first, ...where, ...rest];
      const process = runCommand(script, all, { stackFile, environment });
      const { code } = await process.ended();
      return { code, stdout: process.stdout(), stderr: process.stderr() };
    };
  return {
    client: clientOf(apiUrl, key),
    keys: command("keys", ["--store", store]),
    redrive: command("redrive", ["--stream", stream]),
    async putFile(path, text) {
      const file = join(inboxFolder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    },
    async putRecord(deviceId, data) {
      const jetstream = openJetStream(stream);
      try {
        const record = { deviceId, data: new TextEncoder().encode(data) };
        await jetStreamPositionStream(jetstream)(DEFAULT_TENANT).publish([record]);
      } finally {
        await jetstream.close();
      }
    },
    async giveUp(batch) {
      const jetstream = openJetStream(stream);
      try {
        await keepInJetStream(jetStreamFailedObjects(jetstream))(batch);
      } finally {
        await jetstream.close();
      }
    },
  };
};
