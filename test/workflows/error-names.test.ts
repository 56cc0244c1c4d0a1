import { expect, test } from "vitest";
import * as errors from "../../lib/core/errors.ts";
import { RecordingGoneError } from "../../lib/core/replay/source-cursor.ts";
import { WORKFLOWS } from "../../lib/resources/workflow.ts";
import { statesOf } from "./run-workflow.ts";

/** The error from Step Functions when Lambda has no room for the call. */
const THROTTLED = "Lambda.TooManyRequestsException";

test.each(WORKFLOWS)("finding 21: %s retries for more than an hour when Lambda has no room", (workflow) => {
  for (const [name, { Type, Retry = [] }] of Object.entries(statesOf(workflow))) {
    if (Type !== "Task") continue;
    const [first] = Retry;
    expect(first?.ErrorEquals, name).toContain(THROTTLED);
    // Full jitter waits half of each delay on average; a fifth is reserved for bad luck.
    const delays = Array.from({ length: first?.MaxAttempts ?? 0 }, (_, attempt) =>
      Math.min(
        (first?.IntervalSeconds ?? 1) * (first?.BackoffRate ?? 2) ** attempt,
        first?.MaxDelaySeconds ?? 0,
      ),
    );
    expect(delays.reduce((sum, delay) => sum + delay, 0) / 2, name).toBeGreaterThan(3_600 * 1.2);
  }
});

test.each(WORKFLOWS)("%s matches only error names that exist", (workflow) => {
  const known = new Set([...Object.keys(errors), RecordingGoneError.name, THROTTLED]);
  const names = Object.values(statesOf(workflow)).flatMap(({ Retry = [] }) =>
    Retry.flatMap(({ ErrorEquals }) => ErrorEquals),
  );
  expect(names.length).toBeGreaterThan(2);
  expect(names.filter((name) => name !== "States.ALL" && !known.has(name))).toEqual([]);
});
