import type { Clock } from "../clock.ts";
import { ForbiddenError, UnauthenticatedError } from "../errors.ts";
import { remember } from "../remember.ts";
import { DEFAULT_TENANT, type TenantId } from "../tenant/tenant-id.ts";
import { type ApiKey, type ApiKeyStore, isExpired, type KeySecrets, type Scope } from "./api-key.ts";
import type { Caller } from "./caller.ts";
import { keyIdIn } from "./key-text.ts";

/** Lets a request of a tenant in, or throws LimitError. */
export type AdmitRequest = (tenant: TenantId) => Promise<void>;

export interface AccessPorts {
  readonly keys: Pick<ApiKeyStore, "get">;
  readonly secrets: Pick<KeySecrets, "hash" | "isSameHash">;
  /** Holds a tenant to its limit of requests. If absent, none are counted. */
  readonly requests?: (tableOf: (name: "tenants" | "usage") => string) => AdmitRequest;
  readonly now: Clock;
}

/**
 * How long a key is cached, so that a busy caller does not cost a read per request. A revoked key works at
 * most this much longer. Expiry is checked every time.
 */
export const KEY_CACHE_SECONDS = 60;
const MAXIMUM_CACHED_KEYS = 1_000;

/**
 * Finds the caller from the key's text as it was sent, and checks that the key has these scopes. Throws
 * UnauthenticatedError, in the same words whether the key is mistyped, unknown, revoked, expired or wrong in
 * its secret part; ForbiddenError that names the first missing scope; and what the store throws. Only keys
 * that exist are remembered: guesses can't push them out.
 */
export const authenticator = ({ keys, secrets, now }: AccessPorts) => {
  const cached = new Map<string, { readonly key: ApiKey; readonly readAtMs: number }>();

  const read = async (keyId: string): Promise<ApiKey | undefined> => {
    const known = cached.get(keyId);
    const ageMs = now() - (known?.readAtMs ?? 0);
    if (known && ageMs >= 0 && ageMs < KEY_CACHE_SECONDS * 1000) return known.key;
    const readAtMs = now();
    const key = await keys.get(keyId);
    if (key) remember(cached, keyId, { key, readAtMs }, MAXIMUM_CACHED_KEYS);
    else cached.delete(keyId);
    return key;
  };

  return async (text: string | undefined, ...scopes: readonly Scope[]): Promise<Caller> => {
    if (text === undefined) throw new UnauthenticatedError("a key is needed");
    const keyId = keyIdIn(text);
    const key = keyId === undefined ? undefined : await read(keyId);
    const isRight = key !== undefined && secrets.isSameHash(secrets.hash(text), key.hash);
    if (!isRight || isExpired(key, now())) {
      throw new UnauthenticatedError("the key is not valid, or no longer valid");
    }
    const missing = scopes.find((scope) => !key.scopes.includes(scope));
    if (missing !== undefined) throw new ForbiddenError(`the key does not have the scope ${missing}`);
    const { tenant = DEFAULT_TENANT, devicePrefix, expiresAtSeconds } = key;
    return {
      tenant,
      keyId: key.keyId,
      devicePrefix,
      ...(expiresAtSeconds !== undefined && { keyExpiresAtSeconds: expiresAtSeconds }),
    };
  };
};
