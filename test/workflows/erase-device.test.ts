import { describe, expect, test } from "vitest";
import { runWorkflow, sampleInput } from "./run-workflow.ts";

const step = (status: string, pass: number, cursor?: string) => ({ taskId: "t", pass, cursor, status });

describe("finding 16: the workflow erase-device", () => {
  test("continues where a step ended, waits for trackers once, and ends", async () => {
    const steps = [step("more", 1, "c"), step("wait", 2), step("more", 2, "d"), step("done", 2)];
    const inputs: unknown[] = [];
    const run = await runWorkflow("erase-device", sampleInput("erase-device"), {
      "erase-device": async (input) => {
        inputs.push(input);
        return JSON.parse(JSON.stringify(steps[inputs.length - 1]));
      },
    });
    expect(run.failure).toBeUndefined();
    expect(inputs).toMatchObject([
      { taskId: "example-erasure", pass: 1 },
      { pass: 1, cursor: "c" },
      { pass: 2 },
      { pass: 2, cursor: "d" },
    ]);
  });

  test("marks the task failed when a step keeps failing", async () => {
    const run = await runWorkflow("erase-device", sampleInput("erase-device"), {
      "erase-device": async () => {
        throw Object.assign(new Error("no such task"), { name: "NotFoundError" });
      },
      "fail-task": async (input) => input,
    });
    expect(run.calls).toEqual(["erase-device", "fail-task"]);
    expect(run.failure?.name).toBe("TaskFailed");
  });
});
