import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { localClientSettings } from "../../infra/engine/clients.ts";
import { tableName } from "../../infra/engine/names.ts";
import { readStackFile } from "../../infra/local/stack/stack-file.ts";
import { dynamoApiKeyStore } from "../../lib/adapters/dynamodb/api-key-store.ts";
import { keySecrets } from "../../lib/adapters/key-secrets.ts";
import { SCOPES } from "../../lib/core/access/api-key.ts";
import { createKey } from "../../lib/core/access/create-key.ts";
import { startStackProcess, temporaryFolder } from "../stack-process.ts";
import type { OwnStack } from "./target.ts";

export interface StartedStack extends OwnStack {
  readonly apiUrl: string;
  readonly key: string;
  stop(): Promise<void>;
}

/** `npm start -- --empty --auth` on a free port, in its own processes, with everything in memory. */
export const startOwnStack = async (): Promise<StartedStack> => {
  const folder = temporaryFolder();
  const stack = await startStackProcess(["--empty", "--auth"], { stackFile: folder.stackFile });
  const file = await readStackFile(folder.stackFile);
  const key = /once: (bt_\w+)/.exec(stack.stdout())?.[1];
  if (!file?.address || key === undefined)
    throw new Error("the stack did not say where it is, or gave no key");
  const { address } = file;
  const client = new DynamoDBClient(localClientSettings(address.dynamodbEndpoint, address.credentials));
  const ports = {
    keys: dynamoApiKeyStore(client, tableName("keys")),
    secrets: keySecrets,
    now: Date.now,
  };
  return {
    apiUrl: stack.apiUrl,
    key,
    file: { ...file, address },
    newKey: async (request) => (await createKey(ports, { name: "attack", scopes: SCOPES, ...request })).text,
    async stop() {
      client.destroy();
      stack.child.kill("SIGINT");
      await stack.ended();
      folder.remove();
    },
  };
};
