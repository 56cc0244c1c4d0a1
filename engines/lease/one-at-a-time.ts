import { randomUUID } from "node:crypto";
import type { Sleep } from "../../lib/core/clock.ts";
import { MACHINE_CLOCKS } from "./clocks.ts";
import { memoryLeaseStore } from "./lease-store.ts";
import { type LeasedWork, type LeaseShare, type ShareLeasesOptions, shareLeases } from "./share-leases.ts";

/** How a process shares an engine's work with others. */
export type Sharing = Pick<
  ShareLeasesOptions,
  "store" | "owner" | "isAlone" | "leaseMilliseconds" | "clocks"
>;

/** What a process is to work that one of several does. */
export type Standing = "active" | "standby" | "unheld";

export const standingOf = ({ held, heldElsewhere }: Pick<LeaseShare, "held" | "heldElsewhere">): Standing => {
  if (held().length > 0) return "active";
  return heldElsewhere().length > 0 ? "standby" : "unheld";
};

/** Nobody waits for it, so it may outlast what a busy machine keeps a process waiting. */
export const ALONE_MILLISECONDS = 60_000;

/** For a process whose work nobody else can see, such as all of it that is in memory. */
export const aloneInProcess = (): Sharing => ({
  store: memoryLeaseStore(),
  owner: randomUUID(),
  isAlone: true,
  leaseMilliseconds: ALONE_MILLISECONDS,
  clocks: MACHINE_CLOCKS,
});

/**
 * An engine whose whole work is done by one process at a time: the others stand by, and one of them takes
 * over when it dies.
 */
export const oneAtATime = (
  sharing: Sharing,
  engine: string,
  { sleep, onError }: { readonly sleep: Sleep; readonly onError: ShareLeasesOptions["onError"] },
  work: (held: LeasedWork) => Promise<void>,
): LeaseShare => shareLeases({ ...sharing, group: engine, names: () => [engine], work, sleep, onError });
