/** Whether this is `npm run test:thorough`, which takes minutes and leaves nothing out. */
export const THOROUGH = process.env.BACKTRACK_TESTS === "thorough";

/**
 * How many cases a property tries. Seeds are new in each run, so that every `npm test` looks at a twentieth of the
 * cases, and at no fewer than 50; the thorough run looks at all.
 */
export const propertyRuns = (thorough: number): number =>
  THOROUGH ? thorough : Math.min(thorough, Math.max(50, Math.ceil(thorough / 20)));

/** For `unless`: what takes long and is proved in another way too. */
export const ONLY_THOROUGH = THOROUGH ? undefined : "only in npm run test:thorough";
