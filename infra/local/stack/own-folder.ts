import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DISK_REASONS } from "./disk-failure.ts";
import { failure, systemCode } from "./failure.ts";
import { makeFolder } from "./make-folder.ts";

export interface OwnFolder {
  readonly path: string;
  /** Removes it, where nobody has named it. */
  release(): void;
}

/** A folder of the stack: the named one, made when absent, or else a temporary one. Raises a CommandFailure that calls it `what`. */
export const openFolder = (what: string, named: string | undefined): OwnFolder => {
  if (named === undefined) {
    const path = mkdtempSync(join(tmpdir(), `backtrack-${what}-`));
    return { path, release: () => rmSync(path, { recursive: true, force: true }) };
  }
  try {
    makeFolder(named);
  } catch (error) {
    throw failure(`${what} ${named} can't be used: ${DISK_REASONS[systemCode(error) ?? ""] ?? error}`, error);
  }
  return { path: named, release: () => {} };
};
