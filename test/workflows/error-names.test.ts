import { expect, test } from "vitest";
import { WORKFLOWS } from "../../functions/resources.ts";
import * as errors from "../../lib/core/errors.ts";
import { RecordingGoneError } from "../../lib/core/replay/source-cursor.ts";
import { statesOf } from "./run-workflow.ts";

test.each(WORKFLOWS)("%s matches errors by names that exist", (workflow) => {
  const known = new Set([...Object.keys(errors), RecordingGoneError.name]);
  const names = Object.values(statesOf(workflow)).flatMap(({ Retry = [] }) =>
    Retry.flatMap(({ ErrorEquals }) => ErrorEquals),
  );
  expect(names.length).toBeGreaterThan(2);
  expect(names.filter((name) => name !== "States.ALL" && !known.has(name))).toEqual([]);
});
