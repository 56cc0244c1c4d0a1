import { NotFoundError } from "../lib/core/errors.ts";
import type { FileSource } from "../lib/core/files/file-source.ts";

/** Files in memory, by key and version, read in pieces. */
export const memoryFileSource = (
  files: Readonly<Record<string, string | Uint8Array>> = {},
  chunkBytes = 1_000,
): FileSource & { put(key: string, content: string | Uint8Array): void } => {
  const contents = new Map(Object.entries(files));
  return {
    put: (key, content) => contents.set(key, content),
    async open({ key }) {
      const content = contents.get(key);
      if (content === undefined) throw new NotFoundError(`there is no file ${key}`);
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      const pieces = async function* () {
        for (let from = 0; from < bytes.length; from += chunkBytes) {
          yield bytes.subarray(from, from + chunkBytes);
        }
      };
      return { sizeBytes: bytes.length, chunks: pieces() };
    },
  };
};
