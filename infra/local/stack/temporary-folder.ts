import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PresenceToken, seePresence } from "./presence.ts";

/*
 * Where a stack without a data folder keeps its tables and files. The folder is removed with the stack; the
 * next start sweeps what kill -9 leaves. The name says whose it is, so that a folder never exists without a
 * known owner.
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

/**
 * Removes the folders of stacks that are certainly gone; a stack that is only slow to answer keeps its own.
 */
export const sweepTemporaryFolders = async (parent = tmpdir()): Promise<void> => {
  await Promise.all(
    readdirSync(parent).map(async (name) => {
      const [, port, token] = NAME.exec(name) ?? [];
      if (port === undefined || (await seePresence({ port: Number(port), token })) !== "gone") return;
      // Another account's folder can't be removed; that account will sweep it.
      await rm(join(parent, name), { recursive: true, force: true }).catch(() => {});
    }),
  );
};

/** Creates one, and meanwhile sweeps what others left behind. */
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
