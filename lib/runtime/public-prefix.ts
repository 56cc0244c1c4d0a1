/** By which a host tells functions the path under which their API is public. */
export const PREFIX_HEADER = "x-forwarded-prefix";

const PREFIX = /^(\/[A-Za-z0-9._~-]{1,100}){1,10}$/;

/**
 * Whether a text can stand before a path, as `/function/backtrack` can; it never makes another host's
 * address.
 */
export const isPublicPrefix = (text: string): boolean => PREFIX.test(text);

/**
 * The path before every path of the API, for links in bodies: `/function/backtrack`, or nothing. A host adds
 * it to the header `Location` itself.
 */
export const publicPrefixOf = (headers: Readonly<Record<string, string | undefined>>): string => {
  const given = headers[PREFIX_HEADER] ?? "";
  return isPublicPrefix(given) ? given : "";
};
