/*
 * The text of a key: `bt_<id>_<secret><checksum>`, for example bt_0Ab3dE5fG7h_…, and of a link: the same
 * after `bts_`. Letters and digits alone between the two underscores, so that a double click selects all of
 * it and no place (URL, shell, header) needs it escaped. The prefix and the checksum let scanners of source
 * code know one that leaked, and let us refuse a mistyped one without asking the table.
 */

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

export const KEY_ID_BYTES = 8;
export const SECRET_BYTES = 32;
/** How many letters a number of random bytes takes: 62^11 > 2^64, 62^43 > 2^256, 62^6 > 2^32. */
const KEY_ID_LETTERS = 11;
const SECRET_LETTERS = 43;
const CHECKSUM_LETTERS = 6;

/** What a key opens: the API, or what a link shares. One is never accepted as the other. */
type Kind = "bt" | "bts";

const patternOf = (kind: Kind): RegExp =>
  new RegExp(
    `^(${kind}_([0-9A-Za-z]{${KEY_ID_LETTERS}})_[0-9A-Za-z]{${SECRET_LETTERS}})([0-9A-Za-z]{${CHECKSUM_LETTERS}})$`,
  );
const PATTERNS: Readonly<Record<Kind, RegExp>> = { bt: patternOf("bt"), bts: patternOf("bts") };
/** Anything in a text that may be a key or a link, or most of one. */
const KEY_ANYWHERE = /(bts?)_[0-9A-Za-z]{4,}_[0-9A-Za-z]+/g;

const base62 = (bytes: Uint8Array, letters: number): string => {
  let number = 0n;
  for (const byte of bytes) number = number * 256n + BigInt(byte);
  let text = "";
  for (let letter = 0; letter < letters; letter++) {
    text = ALPHABET[Number(number % 62n)] + text;
    number /= 62n;
  }
  return text;
};

/** CRC-32 as in ISO 3309 (and gzip), of ASCII text. */
const crc32 = (text: string): Uint8Array => {
  let crc = 0xffffffff;
  for (let index = 0; index < text.length; index++) {
    crc ^= text.charCodeAt(index);
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, ~crc);
  return bytes;
};

const checksum = (text: string): string => base62(crc32(text), CHECKSUM_LETTERS);

interface KeyText {
  readonly keyId: string;
  readonly text: string;
}

const textOf = (kind: Kind, idBytes: Uint8Array, secretBytes: Uint8Array): KeyText => {
  const keyId = base62(idBytes, KEY_ID_LETTERS);
  const unchecked = `${kind}_${keyId}_${base62(secretBytes, SECRET_LETTERS)}`;
  return { keyId, text: unchecked + checksum(unchecked) };
};

const idIn = (kind: Kind, text: string): string | undefined => {
  const [, unchecked, keyId, check] = PATTERNS[kind].exec(text) ?? [];
  return unchecked !== undefined && checksum(unchecked) === check ? keyId : undefined;
};

/** The text of a key out of random bytes, KEY_ID_BYTES and SECRET_BYTES of them. */
export const keyText = (idBytes: Uint8Array, secretBytes: Uint8Array): KeyText =>
  textOf("bt", idBytes, secretBytes);

/** The id in a key's text; undefined for a text that can't be a key. */
export const keyIdIn = (text: string): string | undefined => idIn("bt", text);

/** The text of a link, made like that of a key. */
export const linkText = (idBytes: Uint8Array, secretBytes: Uint8Array): KeyText =>
  textOf("bts", idBytes, secretBytes);

/** The id in a link's text; undefined for a text that can't be one. */
export const linkIdIn = (text: string): string | undefined => idIn("bts", text);

/** The text with every key and link in it made unreadable, for whatever is logged or answered. */
export const withoutKeys = (text: string): string => text.replace(KEY_ANYWHERE, "$1_(hidden)");
