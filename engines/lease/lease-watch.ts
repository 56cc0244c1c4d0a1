import type { Clock } from "../../lib/core/clock.ts";
import type { LeaseRecord } from "./lease-store.ts";

/**
 * Two machines' clocks don't run at exactly the same rate; a taker waits this much longer than the owner
 * relies on.
 */
const SAFETY_FACTOR = 1.1;

interface Sighting {
  readonly token: number;
  readonly beat: number;
  readonly sinceMs: number;
}

/**
 * Watches other processes' leases by this process's own monotonic clock. A lease may be taken when its beat
 * has stood still for the whole time that its owner relies on, counted from when we first saw that beat: the
 * owner counts from before it sent it, so its own time is over by then.
 */
export class LeaseWatch {
  readonly #clock: Clock;
  readonly #sightings = new Map<string, Sighting>();

  constructor(monotonic: Clock) {
    this.#clock = monotonic;
  }

  /** Takes note of all leases of a group as a listing, which has just been answered, shows them. */
  note(group: string, leases: readonly LeaseRecord[]): void {
    const nowMs = this.#clock();
    const listed = new Set(leases.map(keyOf));
    for (const key of this.#sightings.keys()) {
      if ((JSON.parse(key) as string[])[0] === group && !listed.has(key)) this.#sightings.delete(key);
    }
    for (const lease of leases) {
      const { token, beat } = lease;
      const last = this.#sightings.get(keyOf(lease));
      if (last?.token === token && last.beat === beat) continue;
      this.#sightings.set(keyOf(lease), { token, beat, sinceMs: nowMs });
    }
  }

  /** How long until the lease counts as abandoned, if nothing changes; 0 when it does now, or is free. */
  remainingMs(lease: LeaseRecord): number {
    if (lease.owner === undefined) return 0;
    const sighting = this.#sightings.get(keyOf(lease));
    const longest = lease.leaseMilliseconds * SAFETY_FACTOR;
    if (sighting?.token !== lease.token || sighting.beat !== lease.beat) return longest;
    return Math.max(0, sighting.sinceMs + longest - this.#clock());
  }
}

const keyOf = ({ group, name }: LeaseRecord): string => JSON.stringify([group, name]);
