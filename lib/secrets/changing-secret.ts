import { readSecret } from "./secret-file.ts";

/** A secret that may be changed while the process runs. */
export interface ChangingSecret {
  /**
   * The newest text; undefined while there never was one. A file that is missing for a moment changes
   * nothing. Raises an Error when the first text can't be read.
   */
  current(): string | undefined;
  /** Texts that are good now: the newest, and for some minutes the one before it. */
  accepted(): readonly string[];
}

export interface ChangingSecretOptions {
  /** Default: `readSecret`. */
  readonly read?: (folder: string, name: string) => string | undefined;
  /** Milliseconds that never go back. */
  readonly monotonicMs?: () => number;
  /** How long a text is accepted after it was changed. Default: 5 minutes. */
  readonly keepsPreviousMilliseconds?: number;
}

/** How old what is known may be. */
const FRESH_MILLISECONDS = 1_000;

const KEEPS_PREVIOUS_MILLISECONDS = 5 * 60_000;

/** Reads a secret again when it was last read a second ago or more, and asked for. */
export const changingSecret = (
  folder: string,
  name: string,
  {
    read = readSecret,
    monotonicMs = () => performance.now(),
    keepsPreviousMilliseconds = KEEPS_PREVIOUS_MILLISECONDS,
  }: ChangingSecretOptions = {},
): ChangingSecret => {
  let current: string | undefined;
  let previous: { readonly text: string; readonly changedAtMs: number } | undefined;
  let readAtMs = Number.NEGATIVE_INFINITY;

  const readOrKeep = (): string | undefined => {
    try {
      return read(folder, name) ?? current;
    } catch (error) {
      if (current === undefined) throw error;
      return current;
    }
  };

  const refresh = (): void => {
    const nowMs = monotonicMs();
    if (nowMs - readAtMs < FRESH_MILLISECONDS) return;
    const text = readOrKeep();
    readAtMs = nowMs;
    if (text === current) return;
    if (current !== undefined) previous = { text: current, changedAtMs: nowMs };
    current = text;
  };

  return {
    current: () => {
      refresh();
      return current;
    },
    accepted: () => {
      refresh();
      if (current === undefined) return [];
      const isKept = previous && monotonicMs() - previous.changedAtMs < keepsPreviousMilliseconds;
      return previous && isKept ? [current, previous.text] : [current];
    },
  };
};
