import { describe, expect, test } from "vitest";
import { createHandler as createCheck } from "../../functions/recordings/check-recording-file/handler.ts";
import { createHandler as createReport } from "../../functions/recordings/report-import/handler.ts";
import { createHandler as createStore } from "../../functions/recordings/store-recording-file/handler.ts";
import { createHandler as createFail } from "../../functions/tasks/fail-task/handler.ts";
import { memoryRecordingStore } from "../../lib/adapters/memory/recording-store.ts";
import { memoryTaskStore } from "../../lib/adapters/memory/task-store.ts";
import { memoryTrackStore } from "../../lib/adapters/memory/track-store.ts";
import { recordingReader } from "../../lib/adapters/recording-reader.ts";
import { zstd } from "../../lib/adapters/zstd.ts";
import { ThrottledError, UnavailableError } from "../../lib/core/errors.ts";
import { memoryFileSource } from "../files.ts";
import { asTask, type Functions, runWorkflow, sampleInput } from "./run-workflow.ts";

const NOW_MS = Date.parse("2026-11-20T12:00:00Z");
const { taskId } = sampleInput("import-recording");
const GOOD =
  "timestamp,latitude,longitude\n1773475200,46.05,14.5\n1773475201,46.06,14.5\n1773475202,91,14.5\n";

const world = async (content = GOOD) => {
  const tasks = memoryTaskStore();
  await tasks.create({
    taskId,
    kind: "import",
    status: "REQUESTED",
    file: { bucket: "recordings", key: "drive.csv", version: "v1" },
    requestedAtMs: NOW_MS,
    expiresAtSeconds: NOW_MS / 1_000 + 86_400,
  });
  const ports = {
    tasks,
    files: memoryFileSource({ "drive.csv": content }),
    reader: recordingReader,
    recordings: memoryRecordingStore(),
    tracks: memoryTrackStore(),
    compression: zstd,
    now: () => NOW_MS,
  };
  const functions: Functions = {
    "check-recording-file": asTask(createCheck(() => ports)),
    "store-recording-file": asTask(createStore(() => ports)),
    "report-import": asTask(createReport(() => ports)),
    "fail-task": asTask(createFail(() => ({ ...ports, warn: () => {} }))),
  };
  const recordingCount = async (): Promise<number> =>
    (await ports.recordings.list({ limit: 10 })).items.length;
  return { ports, functions, recordingCount, task: () => tasks.get(taskId, NOW_MS) };
};

/** The function fails this many times, each time after it has done its work, as when its answer is lost. */
const failing = (functions: Functions, name: string, times: number, error: Error): Functions => {
  let failures = 0;
  return {
    ...functions,
    [name]: async (input) => {
      const output = await functions[name](input);
      if (failures++ < times) throw error;
      return output;
    },
  };
};

const run = (functions: Functions) => runWorkflow("import-recording", { taskId }, functions);

const STEPS = ["check-recording-file", "store-recording-file", "report-import"];
/** How often each step is retried. */
const RETRIES: Readonly<Record<string, number>> = {
  "check-recording-file": 5,
  "store-recording-file": 5,
  "report-import": 10,
};

describe("the import-recording workflow", () => {
  test("checks, stores and reports", async () => {
    const { functions, task, ports } = await world();
    const { calls, output } = await run(functions);
    expect(calls).toEqual(STEPS);
    const result = {
      recordingId: expect.stringMatching(/^drive-[0-9a-f]{12}$/),
      created: true,
      positionCount: 2,
      duplicateCount: 0,
      rejectedRowCount: 1,
      rejected: [{ line: 4, problems: [{ field: "latitude", value: "91", rule: expect.any(String) }] }],
    };
    const done = await task();
    expect(done).toMatchObject({ status: "DONE", progress: { step: "storing" }, result });
    const { recordingId } = (done as { result: { recordingId: string } }).result;
    expect(output).toEqual({ taskId, recordingId });
    expect(await ports.recordings.get(recordingId)).toMatchObject({ name: "drive.csv", positionCount: 2 });
  });

  test.each(STEPS)("retries %s, also when it had done its work", async (name) => {
    const { functions, task, recordingCount } = await world();
    const error = new ThrottledError("slow down");
    const { calls } = await run(failing(functions, name, RETRIES[name], error));
    expect(calls.filter((call) => call === name)).toHaveLength(RETRIES[name] + 1);
    expect(await task()).toMatchObject({ status: "DONE" });
    expect(await recordingCount()).toBe(1);
  });

  test.each(["check-recording-file", "store-recording-file"])(
    "writes into the task why %s finally failed",
    async (name) => {
      const { functions, task } = await world();
      const { calls, failure } = await run(failing(functions, name, 99, new UnavailableError("S3 is away")));
      expect(calls.filter((call) => call === name)).toHaveLength(6);
      expect(calls.at(-1)).toBe("fail-task");
      expect(failure).toEqual({
        name: "ImportFailed",
        cause: "The file could not be imported; the task says why.",
      });
      expect(await task()).toMatchObject({ status: "FAILED", reason: "UnavailableError: S3 is away" });
    },
  );

  test("a written result stays, whatever comes after", async () => {
    const { functions, task } = await world();
    const { calls, failure } = await run(
      failing(functions, "report-import", 99, new UnavailableError("away")),
    );
    expect(calls.filter((call) => call === "report-import")).toHaveLength(11);
    expect(failure?.name).toBe("ImportFailed");
    expect(await task()).toMatchObject({ status: "DONE" });
  });

  test("a result that can't be written fails the task", async () => {
    const { functions, task } = await world();
    const report = () => Promise.reject(new TypeError("bug"));
    await run({ ...functions, "report-import": report });
    expect(await task()).toMatchObject({ status: "FAILED", reason: "TypeError: bug" });
  });

  test.each([
    [
      "timestamp,latitude\n1,2",
      "InvalidInputError: the header has no column longitude; it has: timestamp, latitude",
    ],
    ["\u0000\u0001", "UnsupportedFormatError: the file is binary: recordings are read from CSV"],
    ["", "InvalidInputError: the file is empty"],
  ])(
    "finding 19: %j is refused with a reason, leaves nothing, and is not our failure",
    async (content, reason) => {
      const { functions, task, recordingCount } = await world(content);
      const raised: string[] = [];
      const watched = Object.fromEntries(
        Object.entries(functions).map(([name, call]) => [
          name,
          (input: unknown) =>
            call(input).catch((error) => {
              // Lambda counts this as an Error of the function, and it would roll a deployment back.
              raised.push(name);
              throw error;
            }),
        ]),
      );
      const { calls, failure } = await run(watched);
      expect(calls).toEqual(["check-recording-file", "fail-task"]);
      expect(raised).toEqual([]);
      expect(failure).toBeUndefined();
      expect(await task()).toMatchObject({ status: "FAILED", reason });
      expect(await recordingCount()).toBe(0);
    },
  );

  test("a file that is gone, or has changed before it is stored, is not retried", async () => {
    const gone = await world();
    const files = memoryFileSource();
    const check = asTask(createCheck(() => ({ ...gone.ports, files })));
    const refused = await run({ ...gone.functions, "check-recording-file": check });
    expect(refused.calls).toHaveLength(2);
    expect(refused.failure).toBeUndefined();
    expect(await gone.task()).toMatchObject({ reason: "NotFoundError: there is no file drive.csv" });

    const changed = await world();
    const { functions } = changed;
    const checkThenChange = async (input: unknown) => {
      const survey = await functions["check-recording-file"](input);
      changed.ports.files.put("drive.csv", `${GOOD}1773475203,46.07,14.5\n`);
      return survey;
    };
    const { calls, failure } = await run({ ...functions, "check-recording-file": checkThenChange });
    expect(failure).toBeUndefined();
    expect(calls).toEqual(["check-recording-file", "store-recording-file", "fail-task"]);
    expect(await changed.task()).toMatchObject({
      status: "FAILED",
      reason: "ConflictError: the file changed while it was imported",
    });
    expect(await changed.recordingCount()).toBe(0);
  });

  test("finding 19: our own failure still fails the execution", async () => {
    const { functions } = await world();
    const broken = () => Promise.reject(new TypeError("x is not a function"));
    const { failure } = await run({ ...functions, "check-recording-file": broken });
    expect(failure?.name).toBe("ImportFailed");
  });

  test("keeps trying to mark the task failed", async () => {
    const { functions, task } = await world("");
    const { calls } = await run(failing(functions, "fail-task", 10, new ThrottledError("slow down")));
    expect(calls.filter((call) => call === "fail-task")).toHaveLength(11);
    expect(await task()).toMatchObject({ status: "FAILED" });
  });

  test("ends at once when there is no task to mark", async () => {
    const { functions } = await world();
    const { calls, failure } = await runWorkflow("import-recording", { taskId: "unknown" }, functions);
    expect(calls).toEqual(["check-recording-file", "fail-task"]);
    expect(failure).toBeUndefined();
  });
});
