import type { Target } from "./target.ts";

/**
 * One way to hurt the service that was found once and fixed. It is sent again in every run, so that it stays
 * fixed.
 */
export interface Attack {
  /** The number of its finding. */
  readonly finding: number;
  /** A few words; with the finding's number it is unique. */
  readonly name: string;
  /** What it sends. */
  readonly sends: string;
  /** What a healthy stack answers. */
  readonly healthy: string;
  /**
   * It needs what only our own stack gives: keys of every kind, the endpoints behind the API, its processes
   * and folders.
   */
  readonly needsOwnStack?: true;
  /** Default 10. If it takes longer, the attack has succeeded. */
  readonly timeLimitSeconds?: number;
  /**
   * How long other clients may wait for an answer meanwhile; default 3. If they wait longer, the attack has
   * succeeded.
   */
  readonly longestWaitSeconds?: number;
  /**
   * Sends it. Resolves when the stack is healthy, with a figure or a few words worth showing. When the attack
   * succeeded, rejects with what is wrong (use node:assert).
   */
  run(target: Target): Promise<string | undefined>;
}

/** The outcome of one attack. */
export interface Outcome {
  readonly attack: Attack;
  readonly verdict: "withstood" | "SUCCEEDED" | "not run";
  /** A figure, or why the attack succeeded or did not run. */
  readonly note: string;
  readonly seconds: number;
  /** How long another client waited for an answer while it ran. */
  readonly longestWaitSeconds: number;
}
