/** The characters of a device id that are neither a letter nor a digit, in their order as text. */
const SEPARATORS = ["-", ".", ":", "@", "_"] as const;

const endsAtSeparator = (prefix: string): boolean => SEPARATORS.some((sign) => prefix.endsWith(sign));

/**
 * Whether a device belongs to a prefix. A prefix ends at a separator: `acme` is for `acme`, `acme-1` and
 * `acme.x`, and not for `acmecorp`. One that ends with a separator, such as `van-`, is for whatever begins
 * with it.
 */
export const belongsTo = (prefix: string, deviceId: string): boolean => {
  if (!deviceId.startsWith(prefix)) return false;
  if (endsAtSeparator(prefix) || deviceId.length === prefix.length) return true;
  return (SEPARATORS as readonly string[]).includes(deviceId[prefix.length]);
};

/** Ids that belong to a prefix: one of them, or all that begin so. */
export interface IdsOfPrefix {
  /** The device whose id is the prefix itself. */
  readonly exact?: string;
  /** In their order as text; what begins so lies behind the exact one. */
  readonly beginnings: readonly string[];
}

/** The same rule as belongsTo, for looking ids up in their order. */
export const idsOfPrefix = (prefix: string): IdsOfPrefix =>
  endsAtSeparator(prefix)
    ? { beginnings: [prefix] }
    : { exact: prefix, beginnings: SEPARATORS.map((sign) => `${prefix}${sign}`) };

/** The rule for device ids under this prefix, in words. */
export const prefixInWords = (prefix: string): string =>
  endsAtSeparator(prefix)
    ? `begins with ${prefix}`
    : `is ${prefix}, or begins with ${prefix} and one of ${SEPARATORS.join(" ")}`;
