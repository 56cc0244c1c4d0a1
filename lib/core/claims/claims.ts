import { sha256 } from "../sha256.ts";

/**
 * Something that is taken for a while: a place within a limit, the idempotency key of a request, a device
 * that is being erased. Data is a few KB of JSON.
 */
export interface Claim<Data = unknown> {
  /** What all claims of one kind have in common. */
  readonly purpose: string;
  /** Identifies one of them, and sorts them. */
  readonly claim: string;
  readonly data: Data;
  /**
   * Seconds since 1970; after that it is gone, whether or not the table has deleted it. Without one it stays
   * until it is removed.
   */
  readonly expiresAtSeconds?: number;
}

export interface CountRequest {
  /** Claims before this one are left out. */
  readonly from?: string;
  /** Counting ends here. */
  readonly upTo: number;
}

/** The claims table: strongly consistent, single-item conditions only. */
export interface Claims {
  /** In place of the one that is there. */
  put(claim: Claim): Promise<void>;
  /** Does nothing if there is one that has not expired, and returns that; otherwise returns the new one. */
  putNew<Data>(claim: Claim<Data>, nowMs: number): Promise<Claim<Data>>;
  get<Data>(purpose: string, claim: string, nowMs: number): Promise<Claim<Data> | undefined>;
  /** Repeating it is harmless. */
  remove(purpose: string, claim: string): Promise<void>;
  /** All claims of a purpose, sorted. For purposes that a limit keeps small. */
  list<Data>(purpose: string, nowMs: number): Promise<Claim<Data>[]>;
  count(purpose: string, request: CountRequest, nowMs: number): Promise<number>;
}

/** A key of fixed length that does not reveal the texts. */
export const digestOf = (...texts: readonly string[]): Promise<string> => sha256(JSON.stringify(texts));
