import { sha256 } from "../sha256.ts";

/**
 * Something that was taken for a while: a place within a limit, the key of a request, a device that is being
 * erased. Data is JSON of a few KB.
 */
export interface Claim<Data = unknown> {
  /** What all claims of one kind have in common. */
  readonly purpose: string;
  /** Tells one of them from the others, and puts them in order. */
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
  /** Unless there is one that has not expired: that one is returned then, else the new one. */
  putNew<Data>(claim: Claim<Data>, nowMs: number): Promise<Claim<Data>>;
  get<Data>(purpose: string, claim: string, nowMs: number): Promise<Claim<Data> | undefined>;
  /** Repeating it is harmless. */
  remove(purpose: string, claim: string): Promise<void>;
  /** All of a purpose, in their order: for purposes that a limit keeps small. */
  list<Data>(purpose: string, nowMs: number): Promise<Claim<Data>[]>;
  count(purpose: string, request: CountRequest, nowMs: number): Promise<number>;
}

/** As text, digests are as long as a key may be and tell nobody what they were made of. */
export const digestOf = (...texts: readonly string[]): Promise<string> => sha256(JSON.stringify(texts));
