import type { Page, PageRequest } from "../page.ts";
import type { TenantId } from "../tenant/tenant-id.ts";

/**
 * What a key may do: send positions; read state, tracks, recordings and replays; change what is there. None
 * contains another.
 */
export type Scope = "ingest" | "read" | "control";

export const SCOPES: readonly Scope[] = ["ingest", "read", "control"];

/** All that is kept of an API key. The key itself is shown once, when it is made, and kept nowhere. */
export interface ApiKey {
  /** Part of the key's text; no secret. */
  readonly keyId: string;
  /** For people: whose it is. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Whose everything it opens; the default tenant's without one. */
  readonly tenant?: TenantId;
  /** The key is for devices that belong to it, by belongsTo; for all of them without one. */
  readonly devicePrefix?: string;
  readonly createdAtMs: number;
  /** Seconds since 1970; from then on it is refused, whether or not the table has deleted it yet. */
  readonly expiresAtSeconds?: number;
  /** Of the key's whole text, by KeySecrets. */
  readonly hash: string;
}

/** The keys table. A key never changes: it is created, and some day removed. */
export interface ApiKeyStore {
  /** Throws ConflictError when there is one with this id. */
  create(key: ApiKey): Promise<void>;
  /** Strongly consistent. Expired ones too, as long as they are there. */
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
  /** Takes the same time wherever two hashes begin to differ. */
  isSameHash(one: string, other: string): boolean;
}

export const isExpired = ({ expiresAtSeconds }: ApiKey, nowMs: number): boolean =>
  expiresAtSeconds !== undefined && nowMs >= expiresAtSeconds * 1000;
