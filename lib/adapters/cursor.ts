import { InvalidInputError } from "../core/errors.ts";

/** The key of the last item of a page: strings and numbers by attribute name. */
export type CursorKey = Readonly<Record<string, string | number>>;
/** The attributes that make up a key, with their types. */
export type CursorShape = Readonly<Record<string, "string" | "number">>;

// DynamoDB's own limit for a partition key.
const LONGEST_KEY_BYTES = 2_048;

/** A key as callers see it: base64url, to be sent back unchanged. */
export const encodeCursor = (key: CursorKey): string =>
  Buffer.from(JSON.stringify(key)).toString("base64url");

/**
 * Reads a cursor back. It comes from the caller, so it must hold exactly the attributes of `shape` and have
 * been written by encodeCursor. Throws InvalidInputError for field `cursor` otherwise.
 */
export const decodeCursor = <Shape extends CursorShape>(
  cursor: string,
  shape: Shape,
  longestBytes = LONGEST_KEY_BYTES,
): { readonly [Name in keyof Shape]: Shape[Name] extends "string" ? string : number } => {
  const key = parse(cursor);
  const fits =
    key !== undefined &&
    Object.keys(key).length === Object.keys(shape).length &&
    Object.entries(shape).every(([name, type]) => Object.hasOwn(key, name) && typeof key[name] === type) &&
    Object.values(key).every((value) => isKeyValue(value, longestBytes)) &&
    encodeCursor(key as CursorKey) === cursor;
  if (!fits) {
    throw new InvalidInputError("cursor is not one that a previous page returned", {
      problems: [{ field: "cursor", value: cursor.slice(0, 100), rule: "must come from the previous page" }],
    });
  }
  return key as { readonly [Name in keyof Shape]: Shape[Name] extends "string" ? string : number };
};

const isKeyValue = (value: unknown, longestBytes: number): boolean =>
  typeof value !== "string" || (value !== "" && Buffer.byteLength(value) <= longestBytes);

const parse = (cursor: string): Record<string, unknown> | undefined => {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    return key !== null && typeof key === "object" ? (key as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};
