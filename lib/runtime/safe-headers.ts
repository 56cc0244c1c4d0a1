/**
 * On every answer: nobody keeps it (positions of devices are somebody's whereabouts, and what is true of them
 * changes by the second), no browser takes it for a type other than the one it states, and no page that is
 * reached from it is told its address, which may be a secret link.
 */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};
