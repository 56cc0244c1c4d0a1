import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PresenceToken, seePresence } from "./presence.ts";

/*
 * Where a stack without a data folder keeps its tables and files. The folder goes with the stack; what kill -9 leaves, the next
 * start sweeps. The name tells whose it is, so that there is no moment at which a folder is there and its owner is not known.
 */

export interface TemporaryFolder {
  readonly path: string;
  release(): void | Promise<void>;
}

const nameOf = ({ port, token }: PresenceToken): string => `backtrack-stack-${port}-${token}`;
const NAME = /^backtrack-stack-(\d{1,5})-([0-9a-f-]{36})$/;

export const makeTemporaryFolder = (owner: PresenceToken, parent = tmpdir()): TemporaryFolder => {
  const path = join(parent, nameOf(owner));
  mkdirSync(path, { mode: 0o700 });
  return { path, release: () => rmSync(path, { recursive: true, force: true }) };
};

/** Removes the folders of stacks that are gone for certain; one that is only slow to answer keeps its own. */
export const sweepTemporaryFolders = async (parent = tmpdir()): Promise<void> => {
  await Promise.all(
    readdirSync(parent).map(async (name) => {
      const [, port, token] = NAME.exec(name) ?? [];
      if (port === undefined || (await seePresence({ port: Number(port), token })) !== "gone") return;
      // Another account's can't be removed, and is that account's to sweep.
      await rm(join(parent, name), { recursive: true, force: true }).catch(() => {});
    }),
  );
};

/** Makes one, and sweeps what is left of others meanwhile. */
export const openTemporaryFolder = (owner: PresenceToken): TemporaryFolder => {
  const sweeping = sweepTemporaryFolders().catch(() => {});
  const { path, release } = makeTemporaryFolder(owner);
  return {
    path,
    async release() {
      await release();
      await sweeping;
    },
  };
};
