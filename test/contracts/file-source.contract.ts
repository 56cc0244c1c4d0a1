import { describe, expect, it } from "vitest";
import { NotFoundError } from "../../lib/core/errors.ts";
import type { FileSource, OpenFile } from "../../lib/core/files/file-source.ts";

export interface ObservedFiles {
  readonly files: FileSource;
  /** Puts a file there and returns its version. */
  readonly put: (key: string, content: Uint8Array) => Promise<string>;
}

export const contentOf = async ({ chunks }: OpenFile): Promise<Buffer> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of chunks) pieces.push(piece);
  return Buffer.concat(pieces);
};

const LARGE = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 31) % 251);

/** What every FileSource does. `make` returns an empty one. */
export const fileSourceContract = (name: string, make: () => Promise<ObservedFiles>): void => {
  describe(`${name} keeps the contract of FileSource`, () => {
    it.each(["drive.csv", "fleet/2026/van 7+8 (1) ä%.csv"])("reads %j piece by piece", async (key) => {
      const { files, put } = await make();
      const version = await put(key, LARGE);
      const opened = await files.open({ key, version });
      expect(opened.sizeBytes).toBe(LARGE.length);
      expect(Buffer.compare(await contentOf(opened), LARGE)).toBe(0);
      const largest = { bytes: 0 };
      for await (const { length } of (await files.open({ key, version })).chunks) {
        largest.bytes = Math.max(largest.bytes, length);
      }
      expect(largest.bytes).toBeLessThan(LARGE.length / 2);
    });

    it("reads an empty file", async () => {
      const { files, put } = await make();
      const opened = await files.open({
        key: "empty.csv",
        version: await put("empty.csv", new Uint8Array()),
      });
      expect(opened.sizeBytes).toBe(0);
      expect(await contentOf(opened)).toHaveLength(0);
    });

    it("finds no missing file, and none in another version", async () => {
      const { files, put } = await make();
      await expect(files.open({ key: "nothing.csv", version: "v" })).rejects.toBeInstanceOf(NotFoundError);
      await put("a.csv", LARGE);
      await expect(files.open({ key: "a.csv", version: "another" })).rejects.toBeInstanceOf(NotFoundError);
    });
  });
};
