import type { Target } from "./target.ts";

/** One way to hurt the service that was found once and mended. It is sent again and again, so that it stays mended. */
export interface Attack {
  /** The number of the finding that it belongs to. */
  readonly finding: number;
  /** A few words; with the finding's number it is unique. */
  readonly name: string;
  /** What it sends. */
  readonly sends: string;
  /** What a healthy stack answers. */
  readonly healthy: string;
  /** It needs what only a stack of our own has: keys of every kind, the endpoints behind the API, its processes and folders. */
  readonly needsOwnStack?: true;
  /** 10 unless given. It has succeeded when it takes longer. */
  readonly timeLimitSeconds?: number;
  /** How long others may have to wait for an answer meanwhile; 3 unless given. It has succeeded when they wait longer. */
  readonly longestWaitSeconds?: number;
  /**
   * Sends it. Resolves when the stack is healthy, with a figure or a few words worth showing; rejects with what is wrong (use
   * node:assert) when the attack succeeded.
   */
  run(target: Target): Promise<string | undefined>;
}

/** What came of one attack. */
export interface Outcome {
  readonly attack: Attack;
  readonly verdict: "withstood" | "SUCCEEDED" | "not run";
  /** A figure, or why it succeeded or was not run. */
  readonly note: string;
  readonly seconds: number;
  /** How long another client waited for an answer while it ran. */
  readonly longestWaitSeconds: number;
}
