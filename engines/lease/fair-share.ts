/** Who holds what of a group's work, as one listing shows it. */
export interface Holdings {
  /** All work that there is. */
  readonly names: readonly string[];
  /** The processes that live, this one among them. */
  readonly members: readonly string[];
  /** By name, for what a living process holds. */
  readonly holders: ReadonlyMap<string, string>;
  readonly self: string;
}

export interface SharePlan {
  /** Which of the free ones to take. */
  readonly take: readonly string[];
  /** Which of our own to hand over. */
  readonly handOver: readonly string[];
}

/**
 * What one process should do so that all work is held and no process holds two more than another. Every
 * process decides by itself on the same listing:
 *
 * - nobody keeps more than its share, rounded up;
 * - while somebody has less than its share rounded down, nobody else takes more than that, and the first of
 *   those who hold more hands one over.
 */
export const planShare = ({ names, members, holders, self }: Holdings): SharePlan => {
  const held = new Map(members.map((member) => [member, [] as string[]]));
  for (const name of names) held.get(holders.get(name) ?? "")?.push(name);
  const own = held.get(self) ?? [];
  const atLeast = Math.floor(names.length / members.length);
  const atMost = Math.ceil(names.length / members.length);
  const isStarving = [...held].some(([member, theirs]) => member !== self && theirs.length < atLeast);

  const free = names.filter((name) => !holders.has(name));
  const take = startingAt(free, self).slice(0, Math.max(0, (isStarving ? atLeast : atMost) - own.length));
  if (own.length > atMost) return { take, handOver: own.slice(atMost) };
  const [firstGiver] = [...held]
    .filter(([, theirs]) => theirs.length > atLeast)
    .map(([member]) => member)
    .sort();
  const gives = isStarving && free.length === 0 && firstGiver === self;
  return { take, handOver: gives ? own.slice(atLeast, atLeast + 1) : [] };
};

/** Each process begins elsewhere, so that they rarely reach for the same. */
const startingAt = (names: readonly string[], self: string): readonly string[] => {
  let hash = 0;
  for (const character of self) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0;
  const start = names.length === 0 ? 0 : hash % names.length;
  return [...names.slice(start), ...names.slice(0, start)];
};
