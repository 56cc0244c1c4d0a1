import { expect, test } from "vitest";
import { DEFAULT_TENANT, parseTenantId } from "../core/tenant/tenant-id.ts";
import { executionInput, executionNameOf } from "./execution.ts";

const LONGEST = parseTenantId("t".repeat(24));

test("an execution is named after its tenant, within what Step Functions takes", () => {
  expect(executionNameOf(DEFAULT_TENANT, "task-1")).toBe("default_task-1");
  const names = ["a", "b"].map((end) => executionNameOf(LONGEST, `${"n".repeat(60)}${end}`));
  expect(names[0]).toMatch(/^[\w-]{80}$/);
  expect(names[0]).not.toBe(names[1]);
  expect(names[0]).toBe(executionNameOf(LONGEST, `${"n".repeat(60)}a`));
});

test("the input says whose it is, but for the default tenant", () => {
  expect(executionInput(DEFAULT_TENANT, { taskId: "t" })).toEqual({ taskId: "t" });
  expect(executionInput(LONGEST, { taskId: "t" })).toEqual({ taskId: "t", tenant: LONGEST });
});
