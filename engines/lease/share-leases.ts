import type { Sleep } from "../../lib/core/clock.ts";
import { type LeaseClocks, momentOf } from "./clocks.ts";
import { planShare } from "./fair-share.ts";
import { HeldLease, type Lease } from "./held-lease.ts";
import type { LeaseRecord, LeaseStore } from "./lease-store.ts";
import { LeaseWatch } from "./lease-watch.ts";

/*
 * Several processes share the work of a group: each name is worked on by one of them, each process has its
 * fair share, and what a killed one held is taken over within seconds. A process that ends frees its leases,
 * and they are taken at the next look.
 *
 * A process shows that it lives by a lease of its own in a second group, which it renews only when it could
 * do a whole round: one that can't see the work counts for nobody.
 *
 * Leases keep work from being done twice at once; they are not what makes it safe. A process that was paused
 * may go on for a moment after its lease is gone, so what it saves carries the lease's token, and is refused.
 */

/** What the work of one name is given. */
export interface LeasedWork extends Lease {
  /** Aborts when the lease is to be handed over, or is lost: end what is begun, save, and resolve. */
  readonly stopping: AbortSignal;
  /** Gives the lease up as lost, because a save was refused: it is acquired anew, under a greater token. */
  lose(reason: string): void;
}

export interface ShareLeasesOptions {
  readonly store: LeaseStore;
  readonly group: string;
  /** Unique to this life of the process: a random id, not the name of a machine. */
  readonly owner: string;
  /** All work that there is now; undefined while nobody knows, and then nothing is taken or handed over. */
  names(): readonly string[] | undefined;
  /**
   * Works on one name. When it resolves or rejects, the lease is freed; it is taken again while the name is
   * still there.
   */
  work(leased: LeasedWork): Promise<void>;
  /**
   * It is certain that no other process shares this work, by a lock that a dead process can't hold: then what
   * a predecessor left behind is taken at once, and nobody is looked for.
   */
  readonly isAlone?: boolean;
  /** How long a process that is killed keeps its work, about; 4 s by default. */
  readonly leaseMilliseconds?: number;
  readonly clocks: LeaseClocks;
  readonly sleep: Sleep;
  onError(message: string, error: unknown): void;
}

export interface LeaseShare {
  /** Look again at once: there is new work. */
  wake(): void;
  /** What this process works on now: the names whose leases it holds. */
  held(): readonly string[];
  /** What living processes other than this one held at the last look. */
  heldElsewhere(): readonly string[];
  /** Ends all work, frees the leases and resolves then. */
  close(): Promise<void>;
}

/** With a look every second, work of a killed process begins again after 3 to 5.5 s. */
const LEASE_MILLISECONDS = 4_000;
const LOOKS_PER_LEASE = 4;

export const shareLeases = (options: ShareLeasesOptions): LeaseShare => {
  const share = new Share(options);
  const running = share.run();
  return {
    wake: () => share.wake(),
    held: () => share.held(),
    heldElsewhere: () => share.heldElsewhere(),
    async close() {
      share.stop();
      await running;
    },
  };
};

interface Holding {
  readonly lease: HeldLease;
  readonly handOver: AbortController;
  readonly done: Promise<void>;
}

class Share {
  readonly #options: ShareLeasesOptions;
  readonly #leaseMilliseconds: number;
  readonly #membersGroup: string;
  readonly #watch: LeaseWatch;
  readonly #stopping = new AbortController();
  readonly #holdings = new Map<string, Holding>();
  #woken = new AbortController();
  #self: LeaseRecord | undefined;
  #elsewhere: readonly string[] = [];
  #joins = 0;

  constructor(options: ShareLeasesOptions) {
    this.#options = options;
    this.#leaseMilliseconds = options.leaseMilliseconds ?? LEASE_MILLISECONDS;
    this.#membersGroup = `${options.group} members`;
    this.#watch = new LeaseWatch(options.clocks.monotonic);
  }

  wake(): void {
    this.#woken.abort("woken");
  }

  heldElsewhere(): readonly string[] {
    return this.#elsewhere;
  }

  held(): readonly string[] {
    return [...this.#holdings].filter(([, { lease }]) => lease.isHeld()).map(([name]) => name);
  }

  stop(): void {
    this.#stopping.abort(new Error("the work is handed over"));
    for (const { handOver } of this.#holdings.values()) handOver.abort(this.#stopping.signal.reason);
  }

  async run(): Promise<void> {
    const { onError, sleep, store } = this.#options;
    const stopping = this.#stopping.signal;
    while (!stopping.aborted) {
      this.#woken = new AbortController();
      let waitMs = this.#leaseMilliseconds / LOOKS_PER_LEASE;
      try {
        waitMs = Math.min(waitMs, await this.#look());
      } catch (error) {
        if (!stopping.aborted) onError("looking for leases failed", error);
      }
      await sleep(waitMs, AbortSignal.any([stopping, this.#woken.signal])).catch(() => {});
    }
    await Promise.all([...this.#holdings.values()].map(({ done }) => done));
    if (!this.#self) return;
    await store.remove(this.#self).catch((error: unknown) => onError("leaving the members failed", error));
  }

  /** One round. Resolves with how long nothing more can be abandoned. */
  async #look(): Promise<number> {
    const { group, isAlone = false, names: namesOf, owner, store } = this.#options;
    const names = namesOf();
    if (!names) return Number.POSITIVE_INFINITY;
    const [leases, members] = await Promise.all([store.list(group), isAlone ? [owner] : this.#liveMembers()]);
    this.#watch.note(group, leases);

    const seen = new Map(leases.map((lease) => [lease.name, lease]));
    const holders = new Map<string, string>();
    let soonestMs = Number.POSITIVE_INFINITY;
    for (const name of names) {
      const lease = seen.get(name);
      if (this.#holdings.has(name)) holders.set(name, owner);
      // A lease under our own id that we don't hold is one whose acquisition was not answered, or that was
      // lost.
      else if (lease?.owner !== undefined && lease.owner !== owner && !isAlone) {
        const remainingMs = this.#watch.remainingMs(lease);
        if (remainingMs <= 0) continue;
        holders.set(name, lease.owner);
        soonestMs = Math.min(soonestMs, remainingMs);
      }
    }
    this.#elsewhere = [...holders].filter(([, holder]) => holder !== owner).map(([name]) => name);
    const plan = planShare({ names, members, holders, self: owner });
    for (const name of plan.handOver) this.#holdings.get(name)?.handOver.abort(new Error("handed over"));
    await Promise.all(plan.take.map((name) => this.#take(name, seen.get(name))));
    return soonestMs;
  }

  /** Shows that this process lives, removes those that don't, and names those that do. */
  async #liveMembers(): Promise<string[]> {
    const { owner, store } = this.#options;
    const members = await store.list(this.#membersGroup);
    this.#watch.note(this.#membersGroup, members);
    const others = members.filter((member) => member.owner !== owner);
    const dead = others.filter((member) => this.#watch.remainingMs(member) <= 0);
    await Promise.all(dead.map((member) => store.remove(member)));
    await this.#showLife(members);
    return [owner, ...others.filter((member) => !dead.includes(member)).map((member) => member.owner ?? "")];
  }

  async #showLife(members: readonly LeaseRecord[]): Promise<void> {
    const { owner, store } = this.#options;
    const group = this.#membersGroup;
    const leaseMilliseconds = this.#leaseMilliseconds;
    const seen = members.find((member) => member.owner === owner);
    // Never twice under one name: after a removal as dead, it would begin with the beat that others saw stand
    // still.
    const name = seen?.name ?? `${owner} ${this.#joins++}`;
    const self = await store.acquire({ group, name, owner, leaseMilliseconds, seen });
    this.#self = self ?? this.#self;
  }

  async #take(name: string, seen: LeaseRecord | undefined): Promise<void> {
    const { clocks, group, owner, store } = this.#options;
    const asked = momentOf(clocks);
    const record = await store.acquire({
      group,
      name,
      owner,
      leaseMilliseconds: this.#leaseMilliseconds,
      seen,
    });
    if (!record || this.#stopping.signal.aborted) return this.#giveBack(record);
    const lease = new HeldLease(record, asked, this.#options);
    const handOver = new AbortController();
    const done = this.#work(lease, handOver.signal).then((isDone) => {
      this.#holdings.delete(name);
      // What failed may fail again: that waits for the next look.
      if (isDone) this.wake();
    });
    this.#holdings.set(name, { lease, handOver, done });
  }

  async #giveBack(record: LeaseRecord | undefined): Promise<void> {
    if (record) await this.#options.store.release(record);
  }

  /** False when the work failed. */
  async #work(lease: HeldLease, handOver: AbortSignal): Promise<boolean> {
    const { onError, work } = this.#options;
    const stopping = AbortSignal.any([handOver, lease.lost]);
    let isDone = true;
    try {
      await work({
        name: lease.name,
        token: lease.token,
        lost: lease.lost,
        stopping,
        isHeld: () => lease.isHeld(),
        lose: (reason) => lease.lose(reason),
      });
    } catch (error) {
      isDone = stopping.aborted;
      if (!isDone) onError(`the work on ${lease.name} failed`, error);
    }
    await lease.release();
    return isDone;
  }
}
