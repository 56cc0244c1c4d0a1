import { setTimeout as wait } from "node:timers/promises";
import type { Sleep } from "../core/clock.ts";

/** Real time passing. */
export const sleep: Sleep = async (milliseconds, signal) => {
  signal?.throwIfAborted();
  try {
    await wait(milliseconds, undefined, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
};
