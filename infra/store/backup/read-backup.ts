import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import type { Item } from "../../../lib/adapters/dynamodb/batch.ts";
import { failure, systemCode } from "../../command/failure.ts";
import { DATA_FORMAT } from "../embedded/data-format.ts";
import { isStoredTable, type StoredTableName } from "../tables.ts";
import { type BackupHeader, MAXIMUM_LINE_BYTES, readHeader } from "./format.ts";
import { itemOf } from "./item-json.ts";

export interface BackedUpItem {
  readonly table: StoredTableName;
  readonly item: Item;
}

/**
 * The header and then every item of a backup, in the order of the file. Raises a CommandFailure for a file
 * that is torn, damaged or of another format; only when it has ended without one is the file known to be
 * whole.
 */
export async function* readBackup(file: string): AsyncGenerator<BackupHeader | BackedUpItem> {
  const hash = createHash("sha256");
  let header: BackupHeader | undefined;
  let table: StoredTableName | undefined;
  let [itemCount, inTable] = [0, 0];
  let hasEnded = false;
  for await (const line of linesIn(file)) {
    if (hasEnded) throw damaged(file, "something follows its end");
    const content = parse(file, line);
    if (header === undefined) {
      const read = readHeader(content, DATA_FORMAT);
      if (typeof read === "string") throw failure(`${file} can't be restored: ${read}`);
      header = read;
      hash.update(line).update("\n");
      yield header;
      continue;
    }
    if (typeof content.sha256 === "string") {
      if (content.sha256 !== hash.digest("hex") || content.itemCount !== itemCount || table !== undefined) {
        throw damaged(file, "its checksum is not that of its content");
      }
      hasEnded = true;
      continue;
    }
    hash.update(line).update("\n");
    if (content.item !== undefined && table !== undefined) {
      itemCount++;
      inTable++;
      yield { table, item: itemIn(file, content.item) };
    } else if (typeof content.tableEnd === "string" && content.tableEnd === table) {
      if (content.itemCount !== inTable) throw damaged(file, `items of ${table} are missing`);
      table = undefined;
    } else if (typeof content.table === "string" && isStoredTable(content.table) && table === undefined) {
      table = content.table;
      inTable = 0;
    } else throw damaged(file, "a line is not where it belongs");
  }
  if (!hasEnded) throw torn(file);
}

const damaged = (file: string, reason: string) => failure(`${file} is damaged: ${reason}`);
const torn = (file: string, cause?: unknown) =>
  failure(`${file} is torn: it breaks off before its end, so nothing of it is restored`, cause);

const parse = (file: string, line: Buffer): Readonly<Record<string, unknown>> => {
  try {
    const content = JSON.parse(line.toString());
    if (typeof content === "object" && content !== null) return content;
  } catch {
    // Told below.
  }
  throw damaged(file, "a line is not JSON");
};

const itemIn = (file: string, json: unknown): Item => {
  try {
    return itemOf(json);
  } catch {
    throw damaged(file, "an item is not one of DynamoDB");
  }
};

const NEWLINE = 0x0a;

/** Bounded in memory, whatever the file holds. */
async function* linesIn(file: string): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const chunk of unpacked(file)) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      yield Buffer.concat([...rest, chunk.subarray(start, end)]);
      [rest, restBytes] = [[], 0];
      start = end + 1;
    }
    if (start < chunk.length) {
      rest.push(chunk.subarray(start));
      restBytes += chunk.length - start;
    }
    if (restBytes > MAXIMUM_LINE_BYTES) throw damaged(file, "a line is too long");
  }
  if (restBytes > 0) throw torn(file);
}

async function* unpacked(file: string): AsyncGenerator<Buffer> {
  const source = createReadStream(file);
  const gunzip = createGunzip();
  source.on("error", (error) => gunzip.destroy(error));
  try {
    yield* source.pipe(gunzip);
  } catch (error) {
    const code = systemCode(error);
    if (code === "Z_BUF_ERROR") throw torn(file, error);
    if (code?.startsWith("Z_")) throw failure(`${file} can't be restored: it is no backup of a store`, error);
    if (code !== undefined) throw failure(`${file} can't be read: ${code}`, error);
    throw error;
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}
