import type { Page, PageRequest } from "../page.ts";
import type { TenantId } from "../tenant/tenant-id.ts";

/**
 * What a key may do: send positions; read state, tracks, recordings and replays; change what is there. No
 * scope includes another.
 */
export type Scope = "ingest" | "read" | "control";

export const SCOPES: readonly Scope[] = ["ingest", "read", "control"];

/** What is stored of an API key. The key itself is shown once, when it is created, and stored nowhere. */
export interface ApiKey {
  /** Part of the key's text; no secret. */
  readonly keyId: string;
  /** For people: whose it is. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** The tenant that it opens; the default tenant if absent. */
  readonly tenant?: TenantId;
  /** The key is for the devices that belong to this prefix (belongsTo); for all devices if absent. */
  readonly devicePrefix?: string;
  readonly createdAtMs: number;
  /** Seconds since 1970. From then on it is refused, even if the table has not deleted it yet. */
  readonly expiresAtSeconds?: number;
  /** Of the key's whole text, by KeySecrets. */
  readonly hash: string;
}

/** The keys table. A key never changes: it is created and, one day, removed. */
export interface ApiKeyStore {
  /** Throws ConflictError when there is one with this id. */
  create(key: ApiKey): Promise<void>;
  /** Strongly consistent. Includes expired ones until they are deleted. */
  get(keyId: string): Promise<ApiKey | undefined>;
  list(request: PageRequest): Promise<Page<ApiKey>>;
  /** Whether there was one; repeating it is harmless. */
  remove(keyId: string): Promise<boolean>;
}

/** Randomness, hashing and comparing, which need a cryptographic library. */
export interface KeySecrets {
  /** Bytes that nobody can guess. */
  random(byteCount: number): Uint8Array;
  /** SHA-256 as hexadecimal text. */
  hash(text: string): string;
  /** Takes the same time wherever two hashes first differ. */
  isSameHash(one: string, other: string): boolean;
}

export const isExpired = ({ expiresAtSeconds }: ApiKey, nowMs: number): boolean =>
  expiresAtSeconds !== undefined && nowMs >= expiresAtSeconds * 1000;
