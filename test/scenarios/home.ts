import type { FailedBatch } from "../../engines/event-source/on-failure.ts";
import type { Client } from "../api-client.ts";

/** What a command of the project printed, and how it ended. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A running Backtrack, wherever it is at home: what the scenarios need besides its API. They share one home,
 * so each uses devices and names of its own.
 */
export interface Home {
  /** With a key of every scope where keys are required. */
  readonly client: Client;
  /** `npm run keys -- <args>` for this home. */
  keys(...args: string[]): Promise<Ran>;
  /** `npm run redrive -- <args>` for this home. */
  redrive(...args: string[]): Promise<Ran>;
  /** Puts a file into the inbox, under a path with slashes. */
  putFile(path: string, text: string): Promise<void>;
  /** Puts a record onto the stream as it is, as any producer can. */
  putRecord(deviceId: string, data: string): Promise<void>;
  /** Gives records up as the event source does. */
  giveUp(batch: FailedBatch): Promise<void>;
}

/** Scenarios are declared before the home is started, so they get a way to ask for it. */
export type HomeOf = () => Home;
