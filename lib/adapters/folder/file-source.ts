import type { Stats } from "node:fs";
import { open } from "node:fs/promises";
import { isAbsolute, join, relative } from "node:path";
import { NotFoundError } from "../../core/errors.ts";
import type { FileSource } from "../../core/files/file-source.ts";

const CHUNK_BYTES = 64 * 1024;

/** Identifies the content of a file: when it was changed, and its size. */
export const fileVersion = ({ mtimeMs, size }: Pick<Stats, "mtimeMs" | "size">): string =>
  `${Math.round(mtimeMs)}-${size}`;

/** The files of a folder and of those in it. */
export const folderFileSource = (folder: string): FileSource => ({
  async open({ key, version }) {
    const path = join(folder, key);
    const inside = relative(folder, path);
    if (inside.startsWith("..") || isAbsolute(inside)) throw missing(key, folder);
    const { handle, sizeBytes } = await openVersion(path, version).catch((cause) => {
      throw missing(key, folder, cause);
    });
    await handle.close();
    return { sizeBytes, chunks: readChunks(path, version, () => missing(key, folder)) };
  },
});

/** Opened, and that very version. */
const openVersion = async (path: string, version: string) => {
  const handle = await open(path);
  const stats = await handle.stat();
  if (stats.isFile() && fileVersion(stats) === version) return { handle, sizeBytes: stats.size };
  await handle.close();
  throw new Error("it is another version, or no file");
};

/** Opens the file only when it is read: a caller that needs only the size leaves nothing open. */
async function* readChunks(path: string, version: string, gone: () => Error): AsyncGenerator<Uint8Array> {
  const { handle } = await openVersion(path, version).catch(() => {
    throw gone();
  });
  yield* handle.createReadStream({ highWaterMark: CHUNK_BYTES });
}

const missing = (key: string, folder: string, cause?: unknown): NotFoundError =>
  new NotFoundError(`there is no file ${key} in this version in ${folder}`, { cause });
