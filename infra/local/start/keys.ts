import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoApiKeyStore } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { keySecrets } from "../../../lib/adapters/key-secrets.ts";
import { type ApiKeyStore, SCOPES } from "../../../lib/core/access/api-key.ts";
import { createKey } from "../../../lib/core/access/create-key.ts";
import { allItems } from "../../../lib/core/page.ts";
import { localClientSettings } from "../../engine/clients.ts";
import { tableName } from "../../engine/names.ts";
import type { StackAddress } from "../stack/stack-file.ts";

/** The keys of a stack that has just started. */
export interface StartKeys {
  /** For this command's own requests. */
  readonly ownKey: string;
  /** For whoever started the stack, if nobody has a key yet. */
  readonly firstKey?: string;
  removeOwnKey(): Promise<void>;
}

/**
 * Long enough to import and start replays; if this process is killed meanwhile, its key expires soon after.
 */
const OWN_KEY_SECONDS = 600;
const OWN_KEY_NAME = "npm start, while it imports";

/**
 * Creates a key for this command and, unless the data folder has some already, the first one for its user.
 */
export const prepareKeys = async ({ dynamodbEndpoint, credentials }: StackAddress): Promise<StartKeys> => {
  const client = new DynamoDBClient(localClientSettings(dynamodbEndpoint, credentials));
  const keys = dynamoApiKeyStore(client, tableName("keys"));
  const ports = { keys, secrets: keySecrets, now: Date.now };
  const firstKey = (await hasKeys(keys))
    ? undefined
    : (await createKey(ports, { name: "first key, created by npm start", scopes: SCOPES })).text;
  const own = await createKey(ports, {
    name: OWN_KEY_NAME,
    scopes: SCOPES,
    expiresAtSeconds: Math.ceil(Date.now() / 1000) + OWN_KEY_SECONDS,
  });
  return {
    ownKey: own.text,
    firstKey,
    async removeOwnKey() {
      await keys.remove(own.key.keyId);
      client.destroy();
    },
  };
};

/**
 * Whether anybody can have a key. Keys left behind by a start that was killed are known to nobody, and are
 * removed.
 */
const hasKeys = async (keys: ApiKeyStore): Promise<boolean> => {
  let found = false;
  for await (const { keyId, name } of allItems(keys.list)) {
    if (name === OWN_KEY_NAME) await keys.remove(keyId);
    else found = true;
  }
  return found;
};
