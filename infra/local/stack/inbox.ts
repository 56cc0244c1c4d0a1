import type { Invoke } from "../../../engines/functions/invoke-function.ts";
import { type Inbox, watchInbox } from "../../../engines/inbox/watch-inbox.ts";
import { MANIFEST } from "../../../functions/manifest.ts";
import { sleep } from "../../../lib/adapters/sleep.ts";

/** The folder's name in events. */
const INBOX_BUCKET = "inbox";

export interface StartInboxOptions {
  readonly folder: string;
  readonly invoke: Invoke;
  readonly say: (line: string) => void;
}

/** Calls the function that files start, for every file in the folder. */
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
