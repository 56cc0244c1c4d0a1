import type { TestOptions } from "vitest";

declare module "vitest" {
  interface TaskMeta {
    /** Why it does not run here; the reporter lists it. */
    skippedBecause?: string;
  }
}

/** Options of a test, or of a describe, that can't run here for the given reason; it runs when there is none. */
export const unless = (reason: string | undefined): TestOptions =>
  reason === undefined ? {} : { skip: true, meta: { skippedBecause: reason } };
