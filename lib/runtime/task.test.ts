import * as Type from "typebox";
import { describe, expect, test } from "vitest";
import { lambdaContext } from "../../test/http-event.ts";
import { NotFoundError, SegmentError, ThrottledError, VersionConflictError } from "../core/errors.ts";
import { defineFunction } from "./definition.ts";
import { refusableTaskFunction, taskFunction } from "./task.ts";

const definition = defineFunction({
  name: "play-thing",
  description: "",
  memoryMegabytes: 128,
  timeoutSeconds: 5,
  taskOf: "replay",
});
const schema = Type.Object({ replayId: Type.String({ minLength: 1 }) });

test("a task gets its input and the time that is left", async () => {
  const handler = taskFunction(definition, schema, async ({ replayId }, { remainingMs }) => [
    replayId,
    remainingMs(),
  ]);
  expect(await handler({ replayId: "r" }, lambdaContext({ remainingMs: () => 7 }))).toEqual(["r", 7]);
});

test("input that breaks the schema is an InvalidInputError, which ErrorEquals can name", async () => {
  const handler = taskFunction(definition, schema, async () => "ran");
  const refused = {
    name: "InvalidInputError",
    message: "replayId must be text that is not empty (got 7)",
  };
  await expect(handler({ replayId: 7 }, lambdaContext())).rejects.toMatchObject(refused);
  await expect(handler(undefined, lambdaContext())).rejects.toMatchObject({ name: "InvalidInputError" });
});

test("errors keep their names", async () => {
  const handler = taskFunction(definition, schema, () =>
    Promise.reject(new NotFoundError("replay r is gone")),
  );
  await expect(handler({ replayId: "r" }, lambdaContext())).rejects.toMatchObject({ name: "NotFoundError" });
});

describe("finding 19: a user's mistake is an answer, and no error of the function", () => {
  const run = (error: Error) =>
    refusableTaskFunction(definition, schema, () => Promise.reject(error))(
      { replayId: "r" },
      lambdaContext(),
    );

  test("with the input, as a Choice needs it", async () => {
    expect(await run(new NotFoundError("recording x was deleted"))).toEqual({
      replayId: "r",
      refused: { Error: "NotFoundError", Cause: "recording x was deleted" },
    });
  });

  test.each([
    new ThrottledError("slow down"),
    new VersionConflictError("another writer"),
    new SegmentError("not a segment"),
    new TypeError("x is not a function"),
  ])("but not %s", async (error) => {
    await expect(run(error)).rejects.toBe(error);
  });

  test("and not an input that a workflow got wrong", async () => {
    const handler = refusableTaskFunction(definition, schema, async () => "ran");
    await expect(handler({}, lambdaContext())).rejects.toMatchObject({ name: "InvalidInputError" });
  });
});
