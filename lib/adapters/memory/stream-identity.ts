import type { Clock } from "../../core/clock.ts";
import { rememberedIdentity, type StreamIdentity } from "../../core/stream/stream-identity.ts";

/** Streams that were all created at one time, until `createAnew` recreates them. */
export interface MemoryStreams extends StreamIdentity {
  createAnew(atMs: number): void;
}

export const memoryStreamIdentity = (createdAtMs = 0, clock: Clock = () => 0): MemoryStreams => {
  let current = createdAtMs;
  const identity = rememberedIdentity(async () => current, clock);
  return {
    ...identity,
    createAnew: (atMs) => {
      current = atMs;
    },
  };
};
