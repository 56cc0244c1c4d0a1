/*
 * Leases say which of several processes does a piece of work. The store only compares and swaps single items;
 * it never looks at a clock, because the clocks of several machines differ. Whoever wants a lease watches its
 * beat: one that has stood still for a whole lease time, by the watcher's own clock, is abandoned
 * (lease-watch.ts).
 */

/** A lease as the store keeps it. It is never deleted while its work exists, so that its token only grows. */
export interface LeaseRecord {
  readonly group: string;
  readonly name: string;
  /** Who holds it, under an id of this one life of its process; absent when it is free. */
  readonly owner?: string;
  /** The fencing number: one more with every acquisition. What is saved under the lease carries it. */
  readonly token: number;
  /** One more with every write. */
  readonly beat: number;
  /** How long the owner relies on the lease after each renewal. */
  readonly leaseMilliseconds: number;
}

export interface LeaseWish {
  readonly group: string;
  readonly name: string;
  readonly owner: string;
  readonly leaseMilliseconds: number;
  /** The lease as it was read last; absent when there was none. */
  readonly seen?: LeaseRecord | undefined;
}

export interface LeaseStore {
  /** Every lease of a group, free ones too, ascending by name. Consistent. */
  list(group: string): Promise<readonly LeaseRecord[]>;
  /** Takes a lease when it is still as it was seen; undefined when somebody else was quicker. */
  acquire(wish: LeaseWish): Promise<LeaseRecord | undefined>;
  /** Beats once, when this owner still holds the lease under this token; false when not. May be repeated. */
  renew(held: LeaseRecord): Promise<boolean>;
  /** Frees the lease, when this owner still holds it under this token. */
  release(held: LeaseRecord): Promise<void>;
  /** Deletes a lease whose work is gone for good, when it is still as it was seen. */
  remove(seen: LeaseRecord): Promise<void>;
}

/** The lease that an acquisition makes of the one that was seen. */
export const acquired = ({ group, name, owner, leaseMilliseconds, seen }: LeaseWish): LeaseRecord => ({
  group,
  name,
  owner,
  token: (seen?.token ?? 0) + 1,
  beat: (seen?.beat ?? 0) + 1,
  leaseMilliseconds,
});

/** Leases of one process, for tests and for stacks that nothing else can share. */
export const memoryLeaseStore = (): LeaseStore => {
  const leases = new Map<string, LeaseRecord>();
  const keyOf = ({ group, name }: Pick<LeaseRecord, "group" | "name">) => JSON.stringify([group, name]);
  const isAsSeen = (wanted: Pick<LeaseRecord, "group" | "name">, seen: LeaseRecord | undefined): boolean => {
    const kept = leases.get(keyOf(wanted));
    return kept?.token === seen?.token && kept?.beat === seen?.beat;
  };
  const heldNow = (held: LeaseRecord): LeaseRecord | undefined => {
    const kept = leases.get(keyOf(held));
    return kept?.token === held.token && kept.owner === held.owner ? kept : undefined;
  };
  return {
    list: async (group) =>
      [...leases.values()]
        .filter((lease) => lease.group === group)
        .sort((one, other) => (one.name < other.name ? -1 : 1)),
    async acquire(wish) {
      if (!isAsSeen(wish, wish.seen)) return undefined;
      const lease = acquired(wish);
      leases.set(keyOf(lease), lease);
      return lease;
    },
    async renew(held) {
      const kept = heldNow(held);
      if (kept) leases.set(keyOf(kept), { ...kept, beat: kept.beat + 1 });
      return kept !== undefined;
    },
    async release(held) {
      const kept = heldNow(held);
      if (!kept) return;
      const { owner: _, ...free } = kept;
      leases.set(keyOf(kept), { ...free, beat: kept.beat + 1 });
    },
    async remove(seen) {
      if (isAsSeen(seen, seen)) leases.delete(keyOf(seen));
    },
  };
};
