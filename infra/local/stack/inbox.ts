import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MANIFEST } from "../../../functions/manifest.ts";
import { sleep } from "../../../lib/adapters/sleep.ts";
import { type Inbox, watchInbox } from "../inbox/watch-inbox.ts";
import type { Invoke } from "../invoke-function.ts";
import { failure, systemCode } from "./failure.ts";

/** What events call the folder. */
const INBOX_BUCKET = "inbox";

export interface InboxFolder {
  readonly path: string;
  /** Removes it, where nobody has named it. */
  release(): void;
}

/** The folder that files are imported from: made when absent, a temporary one when none is named. Raises a CommandFailure. */
export const openInboxFolder = (named: string | undefined): InboxFolder => {
  if (named === undefined) {
    const path = mkdtempSync(join(tmpdir(), "backtrack-inbox-"));
    return { path, release: () => rmSync(path, { recursive: true, force: true }) };
  }
  try {
    mkdirSync(named, { recursive: true });
  } catch (error) {
    throw failure(`inbox ${named} can't be used: ${systemCode(error) ?? error}`, error);
  }
  return { path: named, release: () => {} };
};

export interface StartInboxOptions {
  readonly folder: string;
  readonly invoke: Invoke;
  readonly say: (line: string) => void;
}

/** Tells the function that files start of every file in the folder. */
export const startInbox = ({ folder, invoke, say }: StartInboxOptions): Inbox =>
  watchInbox({
    folder,
    bucket: INBOX_BUCKET,
    functionName: MANIFEST.find(({ bucket }) => bucket === "recordings")?.name ?? "",
    invoke,
    clock: Date.now,
    sleep,
    onError: (message, error) => say(`${message}: ${error}`),
  });
