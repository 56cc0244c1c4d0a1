import type { Stats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { objectCreatedEvent } from "../../hosts/lambda-events/object-created.ts";
import { fileVersion } from "../../lib/adapters/folder/file-source.ts";
import type { Clock, Sleep } from "../../lib/core/clock.ts";
import { backoffMilliseconds } from "../backoff.ts";
import { PerhapsRanError } from "../functions/call-errors.ts";
import type { Invoke } from "../functions/invoke-function.ts";
import { cutOff } from "../lease/cut-off.ts";
import {
  aloneInProcess,
  oneAtATime,
  type Sharing,
  type Standing,
  standingOf,
} from "../lease/one-at-a-time.ts";
import type { LeasedWork } from "../lease/share-leases.ts";

export interface WatchInboxOptions {
  readonly folder: string;
  /** What events call the folder. */
  readonly bucket: string;
  /** Called with an event for each new file. */
  readonly functionName: string;
  readonly invoke: Invoke;
  /** With the other processes that watch the folder: one at a time does. Without it there is none. */
  readonly sharing?: Sharing;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** How long a call in flight may take to end after `close`; none by default. */
  readonly graceMilliseconds?: number;
  readonly onError: (message: string, error: unknown) => void;
}

export interface Inbox {
  /** Whether this process is the one that watches the folder. */
  standing(): Standing;
  close(): Promise<void>;
}

/** Between two looks; a file that is the same in both is whole, as far as can be told. */
const LOOK_MILLISECONDS = 500;
/** Skip temporary names (renamed when complete) and hidden files. */
const UNFINISHED = /\.(part|partial|tmp|crdownload)$|(^|\/)\./i;

/**
 * Tells a function of every file in a folder, as S3 does of every object in a bucket: at least once, each
 * version of it. It looks again and again, because the ways of being told differ by system and miss network
 * folders.
 */
export const watchInbox = (options: WatchInboxOptions): Inbox => {
  const { sharing = aloneInProcess(), sleep, onError } = options;
  const lease = oneAtATime(sharing, "inbox", { sleep, onError }, (held) => watchUntil(held, options));
  return { standing: () => standingOf(lease), close: () => lease.close() };
};

/**
 * Whoever takes over calls the function again for every file: an import that was done is known by its name.
 */
const watchUntil = async (held: LeasedWork, options: WatchInboxOptions): Promise<void> => {
  const { stopping } = held;
  const { folder, bucket, functionName, invoke, clock, sleep, onError, graceMilliseconds = 0 } = options;
  const cut = cutOff(held, graceMilliseconds, sleep);
  const told = new Map<string, string>();
  /** Files that the function did not take. Counted in looks: a clock may be set back. */
  const resting = new Map<string, { readonly failures: number; readonly untilLook: number }>();
  let before = new Map<string, string>();
  let lookNumber = 0;

  const tell = async (key: string, version: string, { size }: Stats): Promise<void> => {
    const event = objectCreatedEvent({ bucket, key, version, sizeBytes: size, nowMs: clock() });
    try {
      await invoke(functionName, event, cut);
      told.set(key, version);
      resting.delete(key);
    } catch (error) {
      if (cut.aborted) return;
      onError(`file ${key} in ${folder}`, error);
      const failures = (resting.get(key)?.failures ?? 0) + 1;
      // A call that perhaps runs on must not meet a copy of itself.
      const mayRunMs = error instanceof PerhapsRanError ? error.mayRunForMilliseconds : 0;
      const pauseMs = Math.max(backoffMilliseconds(failures), mayRunMs);
      resting.set(key, { failures, untilLook: lookNumber + Math.ceil(pauseMs / LOOK_MILLISECONDS) });
    }
  };

  const look = async (): Promise<void> => {
    const seen = new Map<string, string>();
    lookNumber++;
    for (const [key, stats] of await filesIn(folder)) {
      const version = fileVersion(stats);
      seen.set(key, version);
      if (stopping.aborted) return;
      const isDue = lookNumber >= (resting.get(key)?.untilLook ?? 0);
      if (isDue && before.get(key) === version && told.get(key) !== version) await tell(key, version, stats);
    }
    before = seen;
    for (const known of [told, resting]) {
      for (const key of known.keys()) if (!seen.has(key)) known.delete(key);
    }
  };

  while (!stopping.aborted) {
    await look().catch((error) => onError(`folder ${folder}`, error));
    await sleep(LOOK_MILLISECONDS, stopping).catch(() => {});
  }
};

/** Every file in the folder and below, by its path with slashes; one that goes meanwhile is left out. */
const filesIn = async (folder: string): Promise<[key: string, stats: Stats][]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: [string, Stats][] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const key = relative(folder, path).split(sep).join("/");
    if (!entry.isFile() || UNFINISHED.test(key)) continue;
    const stats = await stat(path).catch(() => undefined);
    if (stats) files.push([key, stats]);
  }
  return files;
};
