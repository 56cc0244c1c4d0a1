import type { Invoke } from "../../engines/functions/invoke-function.ts";
import { type Inbox, watchInbox } from "../../engines/inbox/watch-inbox.ts";
import type { Sharing } from "../../engines/lease/one-at-a-time.ts";
import { sleep } from "../../lib/adapters/sleep.ts";
import { functionStartedByFilesIn } from "./names.ts";

/** The folder's name in events. */
const INBOX_BUCKET = "inbox";

export interface StartInboxOptions {
  readonly folder: string;
  readonly invoke: Invoke;
  readonly sharing: Sharing;
  readonly say: (line: string) => void;
  /** How long a call in flight may take to end when the engine closes; none by default. */
  readonly graceMilliseconds?: number;
}

/** Calls the function that files start, for every file in the folder. */
export const startInbox = ({ folder, invoke, sharing, say, graceMilliseconds }: StartInboxOptions): Inbox =>
  watchInbox({
    folder,
    bucket: INBOX_BUCKET,
    functionName: functionStartedByFilesIn("recordings"),
    invoke,
    sharing,
    ...(graceMilliseconds !== undefined && { graceMilliseconds }),
    clock: Date.now,
    sleep,
    onError: (message, error) => say(`${message}: ${error}`),
  });
