/** FNV-1a of a partition key, 32 bits: quick, and all that is asked of it is to spread keys. */
export const hashOfKey = (partitionKey: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < partitionKey.length; index++) {
    hash = Math.imul(hash ^ partitionKey.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
};

/**
 * Which of a stream's `count` partitions a partition key belongs to, 0 to `count - 1`. Every publisher and
 * reader of a stream must agree on it, so it never changes. The bits are mixed (as MurmurHash3 does at its
 * end) in another way than for the lanes of a partition: otherwise all keys of one partition would meet in
 * one lane.
 */
export const partitionOf = (partitionKey: string, count: number): number => {
  let hash = hashOfKey(partitionKey);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % count;
};
