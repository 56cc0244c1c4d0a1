import { dynamoApiKeyStore } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { keySecrets } from "../../../lib/adapters/key-secrets.ts";
import { SCOPES } from "../../../lib/core/access/api-key.ts";
import { createKey } from "../../../lib/core/access/create-key.ts";
import { localClientSettings } from "../../engine/clients.ts";
import { tableName } from "../../engine/names.ts";
import type { StackAddress } from "../stack/stack-file.ts";

interface HttpEvent {
  readonly requestContext: { readonly http: object };
  readonly headers: Readonly<Record<string, string>>;
}

const isHttpEvent = (event: unknown): event is HttpEvent => {
  const { requestContext, headers } = (event ?? {}) as Partial<HttpEvent>;
  return requestContext?.http !== undefined && headers !== undefined;
};

/** Whether it is an HTTP request without a key. */
export const lacksKey = (event: unknown): event is HttpEvent =>
  isHttpEvent(event) && event.headers.authorization === undefined;

/** In case the key outlives the call because the command was killed. */
const LIFETIME_SECONDS = 600;

/** Creates a key that may do everything, makes the call with it, and revokes it. */
export const withKeyForOneCall = async <Result>(
  { dynamodbEndpoint, credentials }: Pick<StackAddress, "dynamodbEndpoint" | "credentials">,
  event: HttpEvent,
  call: (event: unknown) => Promise<Result>,
): Promise<Result> => {
  const client = dynamoClient(localClientSettings(dynamodbEndpoint, credentials));
  const keys = dynamoApiKeyStore(client, tableName("keys"));
  try {
    const { key, text } = await createKey(
      { keys, secrets: keySecrets, now: Date.now },
      {
        name: "npm run invoke",
        scopes: SCOPES,
        expiresAtSeconds: Math.ceil(Date.now() / 1_000) + LIFETIME_SECONDS,
      },
    );
    try {
      return await call({ ...event, headers: { ...event.headers, authorization: `Bearer ${text}` } });
    } finally {
      await keys.remove(key.keyId);
    }
  } finally {
    client.destroy();
  }
};
