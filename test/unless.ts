import type { TestOptions } from "vitest";

declare module "vitest" {
  interface TaskMeta {
    /** Why the test does not run here; the reporter lists it. */
    skippedBecause?: string;
  }
}

/** Options for a test or describe that can't run here for the given reason; without a reason it runs. */
export const unless = (reason: string | undefined): TestOptions =>
  reason === undefined ? {} : { skip: true, meta: { skippedBecause: reason } };
