import type { RecordStore } from "./record-store.ts";

/** The smallest unit that is trimmed: what is kept may be larger by this much per shard. */
const PORTION_BYTES = 256 * 1024;

/** Consecutive records of a shard. */
interface Portion {
  readonly lastKey: string;
  readonly bytes: number;
}

/**
 * By shard id: the last record that every reader has settled. In an absent shard some reader has settled
 * nothing.
 */
export type SettledUpTo = ReadonlyMap<string, string>;

export interface StreamTrimmer {
  /** Removes the oldest records that everybody has read, until at most `keepReadBytes` of them are left. */
  trim(settled: SettledUpTo): Promise<void>;
}

/**
 * Keeps a stream within bounds without losing anything: what has not been read stays, however old and however
 * large; of what every reader has settled, a window stays for `npm run tail` and for late consumers. It looks
 * at each record once when it is new, and once when it is removed.
 */
export const streamTrimmer = (
  records: RecordStore,
  streamName: string,
  keepReadBytes: number,
): StreamTrimmer => {
  const portionsOf = new Map<string, Portion[]>();

  const lookAtNew = async (shardId: string): Promise<Portion[]> => {
    const portions = portionsOf.get(shardId) ?? [];
    portionsOf.set(shardId, portions);
    for await (const { key, bytes } of records.after(streamName, shardId, portions.at(-1)?.lastKey)) {
      const last = portions.at(-1);
      if (last && last.bytes + bytes <= PORTION_BYTES) {
        portions[portions.length - 1] = { lastKey: key, bytes: last.bytes + bytes };
      } else portions.push({ lastKey: key, bytes });
    }
    return portions;
  };

  return {
    async trim(settled) {
      const shardIds = await records.shardIds(streamName);
      const keepBytes = keepReadBytes / shardIds.length;
      for (const shardId of shardIds) {
        const portions = await lookAtNew(shardId);
        const settledUpTo = settled.get(shardId);
        if (settledUpTo === undefined) continue;
        const settledKey = records.key(shardId, settledUpTo);
        const read = portions.filter(({ lastKey }) => lastKey <= settledKey);
        let bytes = read.reduce((sum, portion) => sum + portion.bytes, 0);
        let gone = 0;
        while (bytes > keepBytes) bytes -= read[gone++].bytes;
        if (gone === 0) continue;
        await records.removeUpTo(streamName, shardId, read[gone - 1].lastKey);
        portions.splice(0, gone);
      }
    },
  };
};
