import { mkdir, readdir, readFile, rename } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { NotFoundError } from "../../core/errors.ts";
import type { FailedBatches } from "../../core/redrive/failed-batches.ts";
import { parseFailedBatch } from "./failed-batch-json.ts";
import { SETTLED_PREFIX } from "./settled.ts";

/** The files of a folder that has the objects of an on-failure bucket. */
export const folderFailedBatches = (folder: string, prefix: string): FailedBatches => ({
  async *keys() {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
      ignoringMissing([]),
    );
    const keys = entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"));
    const isWaiting = (key: string): boolean =>
      key.startsWith(prefix) && !key.startsWith(SETTLED_PREFIX) && !key.endsWith(".part");
    yield* keys.filter(isWaiting).sort();
  },
  async read(key) {
    const bytes = await readFile(join(folder, key)).catch(ignoringMissing(undefined));
    if (!bytes) throw new NotFoundError(`there is no file ${key} in ${folder}`);
    return parseFailedBatch(bytes);
  },
  async settle(key) {
    const target = join(folder, SETTLED_PREFIX, key);
    await mkdir(dirname(target), { recursive: true });
    await rename(join(folder, key), target).catch(ignoringMissing(undefined));
  },
});

const ignoringMissing =
  <Value>(instead: Value) =>
  (error: NodeJS.ErrnoException): Value => {
    if (error.code === "ENOENT") return instead;
    throw error;
  };
