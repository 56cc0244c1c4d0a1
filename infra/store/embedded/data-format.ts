import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { failure } from "../../command/failure.ts";

/**
 * 3: an execution's item has its summary beside the record (docs/decisions/0025). 2: the tables' keys begin
 * with a tenant (docs/decisions/0022). 1 was never written down.
 */
export const DATA_FORMAT = 3;

const formatIn = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, "utf8")).format;
  } catch {
    return undefined;
  }
};

/**
 * Marks a new data folder with its format. Raises a CommandFailure for a folder of another version: this one
 * would find nothing in it, and say so nowhere.
 */
export const checkDataFormat = (folder: string): void => {
  const path = join(folder, "format.json");
  if (!existsSync(path) && !existsSync(join(folder, "dynamodb"))) {
    writeFileSync(path, `${JSON.stringify({ format: DATA_FORMAT })}\n`);
    return;
  }
  const format = existsSync(path) ? formatIn(path) : 1;
  if (format === DATA_FORMAT) return;
  const found = typeof format === "number" ? `has format ${format}` : `has a format.json that can't be read`;
  throw failure(
    `data folder ${folder} ${found}, and this version of Backtrack needs format ${DATA_FORMAT}: ` +
      "start with another folder, or use the version that wrote this one",
  );
};
