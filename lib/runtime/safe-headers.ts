/**
 * On every answer: nobody keeps it (positions of devices are somebody's whereabouts, and what is true of them
 * changes by the second), and no browser takes it for another type than the one that it says.
 */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};
