import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { INVOKE_TOKEN_SECRET } from "../../../hosts/openfaas/invocation.ts";
import { ACCESS_KEY_ID_SECRET, SECRET_ACCESS_KEY_SECRET } from "../../../lib/adapters/stored-credentials.ts";

/** The secret that lets a client into NATS. */
export const NATS_TOKEN_SECRET = "nats-token";

/**
 * Every secret of a self-hosted stack, with how many random characters it has. The first is a letter, so that
 * no reader of a configuration takes it for a number.
 */
export const SECRETS: Readonly<Record<string, number>> = {
  [INVOKE_TOKEN_SECRET]: 48,
  [ACCESS_KEY_ID_SECRET]: 20,
  [SECRET_ACCESS_KEY_SECRET]: 48,
  [NATS_TOKEN_SECRET]: 48,
};

export const SECRET_NAMES: readonly string[] = Object.keys(SECRETS);

const ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/** 62 characters: each is 5.95 bits. */
const randomText = (length: number, random: (size: number) => Uint8Array): string => {
  const letters: string[] = [];
  while (letters.length < length) {
    for (const byte of random(length)) {
      // Beyond the last multiple of 62 some characters would come more often.
      if (byte >= 248 || letters.length === length) continue;
      const letter = ALPHABET[byte % 62];
      if (letters.length > 0 || /[a-zA-Z]/.test(letter)) letters.push(letter);
    }
  }
  return letters.join("");
};

/** Of a run: the secrets that it made, and those that were there and stay as they are. */
export interface MadeSecrets {
  readonly made: readonly string[];
  readonly kept: readonly string[];
}

/**
 * Writes each secret that is missing into a file of its name, which only its owner may read. Makes the folder
 * too. `replace`: names of secrets to make anew.
 */
export const makeSecrets = (
  folder: string,
  replace: ReadonlySet<string> = new Set(),
  random: (size: number) => Uint8Array = randomBytes,
): MadeSecrets => {
  mkdirSync(folder, { recursive: true });
  const made: string[] = [];
  const kept: string[] = [];
  for (const [name, length] of Object.entries(SECRETS)) {
    const path = join(folder, name);
    // `wx` fails on a file that is there, so that two runs at once make one secret.
    const flag = replace.has(name) ? "w" : "wx";
    try {
      writeFileSync(path, randomText(length, random), { flag, mode: 0o600 });
      chmodSync(path, 0o600);
      made.push(name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      kept.push(name);
    }
  }
  return { made, kept };
};
