import { isStoredTable, type StoredTableName } from "../tables.ts";

/*
 * A backup is a gzip of JSON lines: a header, then each table as a line with its name, a line for each item
 * and a line with their count; at the end the count of all, and the SHA-256 of every line before.
 */

/** Of the file. */
export const BACKUP_VERSION = 1;

export interface BackupHeader {
  readonly backtrack: "backup of a store";
  readonly version: number;
  /** Of what is in the tables: see checkDataFormat. */
  readonly dataFormat: number;
  readonly createdAt: string;
  /** Without prefix, in the order in which they were read. */
  readonly tables: readonly StoredTableName[];
}

export type BackupLine =
  | { readonly table: StoredTableName }
  | { readonly item: unknown }
  | { readonly tableEnd: StoredTableName; readonly itemCount: number };

export interface BackupEnd {
  readonly itemCount: number;
  /** In hexadecimal digits. */
  readonly sha256: string;
}

/** Longer than an item of 400 KB can be as JSON, where a byte may become six characters. */
export const MAXIMUM_LINE_BYTES = 4 * 1024 * 1024;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What is wrong with a header, or the header. */
export const readHeader = (line: unknown, dataFormat: number): BackupHeader | string => {
  if (!isObject(line) || line.backtrack !== "backup of a store") return "it is no backup of a store";
  if (line.version !== BACKUP_VERSION) {
    return `it has version ${JSON.stringify(line.version)}, and this Backtrack reads version ${BACKUP_VERSION}`;
  }
  if (line.dataFormat !== dataFormat) {
    return `what it holds has format ${JSON.stringify(line.dataFormat)}, and this Backtrack needs format ${dataFormat}`;
  }
  const { tables } = line;
  if (!Array.isArray(tables) || !tables.every((name) => typeof name === "string"))
    return "its header is damaged";
  const unknown = tables.filter((name) => !isStoredTable(name));
  if (unknown.length > 0) return `it holds tables that this Backtrack doesn't know: ${unknown.join(", ")}`;
  return line as unknown as BackupHeader;
};
