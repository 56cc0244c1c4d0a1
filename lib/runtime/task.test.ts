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
  const handler = taskFunction(definition, schema, async ({ replayId }, { remainingMs, tenant }) => ({
    got: [replayId, remainingMs(), tenant],
  }));
  expect(await handler({ replayId: "r" }, lambdaContext({ remainingMs: () => 7 }))).toEqual({
    got: ["r", 7, "default"],
  });
});

test("input that breaks the schema is an InvalidInputError, which ErrorEquals can name", async () => {
  const handler = taskFunction(definition, schema, async () => ({ ran: true }));
  const refused = {
    name: "InvalidInputError",
    message: "replayId must be text that is not empty (got 7)",
  };
  await expect(handler({ replayId: 7 }, lambdaContext())).rejects.toMatchObject(refused);
  await expect(handler(undefined, lambdaContext())).rejects.toMatchObject({ name: "InvalidInputError" });
});

test("a task is of the tenant that its input names, and so is what it hands on", async () => {
  const handler = taskFunction(definition, schema, async (_, { tenant }) => ({ got: tenant }));
  expect(await handler({ replayId: "r", tenant: "acme" }, lambdaContext())).toEqual({
    got: "acme",
    tenant: "acme",
  });
  await expect(handler({ replayId: "r", tenant: "Acme!" }, lambdaContext())).rejects.toMatchObject({
    name: "InvalidInputError",
    message: expect.stringContaining("tenant must be 1 to 24 characters"),
  });
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
    const handler = refusableTaskFunction(definition, schema, async () => ({ ran: true }));
    await expect(handler({}, lambdaContext())).rejects.toMatchObject({ name: "InvalidInputError" });
  });
});
