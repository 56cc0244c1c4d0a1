import type { AttributeValue } from "@aws-sdk/client-dynamodb";

/*
 * Items as JSON: DynamoDB's own form of it, in which bytes are base64 text. The client turns bytes into
 * arrays, which JSON.stringify would write number by number.
 */

type Item = Readonly<Record<string, AttributeValue>>;
type Json = Readonly<Record<string, unknown>>;

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");

const valueJson = (value: AttributeValue): Json => {
  if (value.B !== undefined) return { B: base64(value.B) };
  if (value.BS !== undefined) return { BS: value.BS.map(base64) };
  if (value.M !== undefined) return { M: itemJson(value.M) };
  if (value.L !== undefined) return { L: value.L.map(valueJson) };
  return { ...value };
};

export const itemJson = (item: Item): Json =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, valueJson(value)]));

const wrong = (): TypeError => new TypeError("not an item of DynamoDB");

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const text = (value: unknown): string => {
  if (typeof value !== "string") throw wrong();
  return value;
};

const bytes = (value: unknown): Uint8Array => {
  const decoded = Buffer.from(text(value), "base64");
  if (decoded.toString("base64") !== value) throw wrong();
  return new Uint8Array(decoded);
};

const flag = (value: unknown): boolean => {
  if (typeof value !== "boolean") throw wrong();
  return value;
};

const list =
  <Element>(read: (element: unknown) => Element) =>
  (value: unknown): Element[] => {
    if (!Array.isArray(value)) throw wrong();
    return value.map(read);
  };

const READ: Readonly<Record<string, (value: unknown) => AttributeValue>> = {
  S: (value) => ({ S: text(value) }),
  N: (value) => ({ N: text(value) }),
  B: (value) => ({ B: bytes(value) }),
  BOOL: (value) => ({ BOOL: flag(value) }),
  NULL: (value) => ({ NULL: flag(value) as true }),
  SS: (value) => ({ SS: list(text)(value) }),
  NS: (value) => ({ NS: list(text)(value) }),
  BS: (value) => ({ BS: list(bytes)(value) }),
  M: (value) => ({ M: itemOf(value) }),
  L: (value) => ({ L: list(readValue)(value) }),
};

const readValue = (json: unknown): AttributeValue => {
  if (!isObject(json)) throw wrong();
  const [[type, value] = [""], ...others] = Object.entries(json);
  const read = Object.hasOwn(READ, type) ? READ[type] : undefined;
  if (!read || others.length > 0) throw wrong();
  return read(value);
};

/** Raises TypeError for what `itemJson` can't have written. */
export const itemOf = (json: unknown): Record<string, AttributeValue> => {
  if (!isObject(json)) throw wrong();
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, readValue(value)]));
};
