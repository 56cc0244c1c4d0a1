/**
 * On every response: nobody caches it (a device's positions are somebody's whereabouts, and change by the
 * second), and no browser guesses another type than the declared one.
 */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};
