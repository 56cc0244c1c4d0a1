import type { Stats } from "node:fs";
import { open } from "node:fs/promises";
import { isAbsolute, join, relative } from "node:path";
import { NotFoundError } from "../../core/errors.ts";
import type { FileSource } from "../../core/recording/file-source.ts";

const CHUNK_BYTES = 64 * 1024;

/** What tells one content of a file from another: when it was changed, and its size. */
export const fileVersion = ({ mtimeMs, size }: Pick<Stats, "mtimeMs" | "size">): string =>
  `${Math.round(mtimeMs)}-${size}`;

/** The files of a folder and of those in it. */
export const folderFileSource = (folder: string): FileSource => ({
  async open({ key, version }) {
    const path = join(folder, key);
    const inside = relative(folder, path);
    if (inside.startsWith("..") || isAbsolute(inside)) throw missing(key, folder);
    const file = await open(path).catch((cause) => {
      throw missing(key, folder, cause);
    });
    const stats = await file.stat();
    if (!stats.isFile() || fileVersion(stats) !== version) {
      await file.close();
      throw missing(key, folder);
    }
    const chunks = file.createReadStream({ highWaterMark: CHUNK_BYTES });
    return { sizeBytes: stats.size, chunks };
  },
});

const missing = (key: string, folder: string, cause?: unknown): NotFoundError =>
  new NotFoundError(`there is no file ${key} in this version in ${folder}`, { cause });
