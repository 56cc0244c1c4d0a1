/** Whether this is `npm run test:thorough`, which takes minutes and leaves nothing out. */
export const THOROUGH = process.env.BACKTRACK_TESTS === "thorough";

/**
 * How many cases a property tries. Each `npm test` tries a twentieth of the cases, at least 50, with new
 * seeds; the thorough run tries all.
 */
export const propertyRuns = (thorough: number): number =>
  THOROUGH ? thorough : Math.min(thorough, Math.max(50, Math.ceil(thorough / 20)));

/** For `unless`: tests that take long and that others cover in another way. */
export const ONLY_THOROUGH = THOROUGH ? undefined : "only in npm run test:thorough";
