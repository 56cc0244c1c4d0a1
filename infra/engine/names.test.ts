import { expect, test } from "vitest";
import { functionStartedByFilesIn, scheduleTarget } from "./names.ts";

test("what files and schedules start is the function whose definition says so", () => {
  expect(functionStartedByFilesIn("recordings")).toBe("start-import");
  expect(scheduleTarget("replays").functionArn).toMatch(/:function:start-scheduled-replay$/);
});

test("files and schedules that no definition names are an error, and no function without a name", () => {
  expect(() => functionStartedByFilesIn("photos")).toThrow(
    new RangeError("the files of photos start no function"),
  );
  expect(() => scheduleTarget("reports" as "replays")).toThrow(
    new RangeError("the schedules of reports start no function"),
  );
});
