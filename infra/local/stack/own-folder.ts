import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { failure, systemCode } from "./failure.ts";

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
    mkdirSync(named, { recursive: true });
  } catch (error) {
    throw failure(`${what} ${named} can't be used: ${systemCode(error) ?? error}`, error);
  }
  return { path: named, release: () => {} };
};
