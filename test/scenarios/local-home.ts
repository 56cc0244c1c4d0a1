import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import { localClientSettings } from "../../infra/engine/clients.ts";
import { keepInFolder } from "../../infra/engine/keep-failed-batch.ts";
import { streamName } from "../../infra/engine/names.ts";
import type { StackAddress } from "../../infra/local/stack/stack-file.ts";
import { clientOf } from "../api-client.ts";
import { runCommand } from "../stack-process.ts";
import type { Home, Ran } from "./home.ts";

interface LocalStack {
  readonly address: StackAddress;
  /** Where commands find the stack. */
  readonly stackFile: string;
  readonly key?: string;
}

/** A stack on this machine, as `npm start` runs it, as the scenarios see it. */
export const localHome = ({ address, stackFile, key }: LocalStack): Home => {
  const command =
    (script: "keys" | "redrive") =>
    async (...args: string[]): Promise<Ran> => {
      const process = runCommand(script, args, { stackFile });
      const { code } = await process.ended();
      return { code, stdout: process.stdout(), stderr: process.stderr() };
    };
  return {
    client: clientOf(address.apiUrl, key),
    keys: command("keys"),
    redrive: command("redrive"),
    async putFile(path, text) {
      const file = join(address.inboxFolder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    },
    async putRecord(deviceId, data) {
      const client = new KinesisClient(localClientSettings(address.kinesisEndpoint, address.credentials));
      try {
        const StreamName = streamName("positions");
        await client.send(
          new PutRecordCommand({ StreamName, PartitionKey: deviceId, Data: Buffer.from(data) }),
        );
      } finally {
        client.destroy();
      }
    },
    giveUp: keepInFolder(address.failedRecordsFolder),
  };
};
