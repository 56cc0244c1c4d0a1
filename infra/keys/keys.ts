import { keySecrets } from "../../lib/adapters/key-secrets.ts";
import type { ApiKey } from "../../lib/core/access/api-key.ts";
import { KEY_CACHE_SECONDS } from "../../lib/core/access/authenticate.ts";
import { createKey } from "../../lib/core/access/create-key.ts";
import { BacktrackError, InvalidInputError } from "../../lib/core/errors.ts";
import { allItems } from "../../lib/core/page.ts";
import { runCommand, say } from "../command/command-line.ts";
import { failure, wrongUse } from "../command/failure.ts";
import type { Target } from "../command/target.ts";
import { storeFailure } from "../store/address.ts";
import { type KeysOptions, parseKeysOptions } from "./options.ts";
import { keyJson, keysText, tenantOf } from "./report.ts";
import { type KeysTable, openKeysTable } from "./table.ts";

/*
 * `npm run keys -- create | list | revoke`: the API's keys, on AWS or of the local stack. Results go to
 * standard output, messages to standard error, so that `npm run --silent keys -- create ... > file` stores
 * the key and nothing else.
 */

const print = (value: unknown): void => {
  process.stdout.write(`${typeof value === "string" ? value : JSON.stringify(value, null, 2)}\n`);
};

const run = async (options: KeysOptions, { keys, whose }: KeysTable): Promise<void> => {
  if (options.action === "create") {
    const { key, text } = await createKey({ keys, secrets: keySecrets, now: Date.now }, options);
    say(`backtrack: created key ${key.keyId} of ${whose}; it can't be shown again:`);
    print(options.json ? { key: text, ...keyJson(key) } : text);
  } else if (options.action === "list") {
    const found: ApiKey[] = [];
    for await (const key of allItems(keys.list)) {
      if ((options.tenant ?? tenantOf(key)) === tenantOf(key)) found.push(key);
    }
    if (options.json) print(found.map(keyJson));
    else if (found.length === 0)
      say(`backtrack: ${whose} has no keys${ofTenant(options)}; create one with \`create\``);
    else print(keysText(found, Date.now()));
  } else {
    const revoked = [];
    for (const keyId of options.keyIds) {
      const existed = await keys.remove(keyId);
      revoked.push({ keyId, existed });
      say(
        existed
          ? `backtrack: revoked key ${keyId} of ${whose}; it stops working within ${KEY_CACHE_SECONDS} s`
          : `backtrack: ${whose} has no key ${keyId} (or no longer)`,
      );
    }
    if (options.json) print(revoked);
  }
};

const ofTenant = ({ tenant }: { readonly tenant?: string }): string =>
  tenant === undefined ? "" : ` of tenant ${tenant}`;

/** The error of the table or of AWS, in one line. */
const inWords = (error: unknown, { store }: Target): unknown => {
  if (error instanceof InvalidInputError) return wrongUse(error.message);
  if (store !== undefined) return storeFailure(error, store);
  if (error instanceof BacktrackError) return failure(error.message, error);
  const isOfAws = error instanceof Error && "$metadata" in error;
  return isOfAws ? failure(`AWS refused: ${error.message || error.name}`, error) : error;
};

const main = async (): Promise<void> => {
  const options = parseKeysOptions(process.argv.slice(2), Date.now());
  const table = await openKeysTable(options.target);
  try {
    await run(options, table);
  } catch (error) {
    throw inWords(error, options.target);
  } finally {
    table.close();
  }
};

await runCommand(main);
