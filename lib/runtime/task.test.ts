import * as Type from "typebox";
import { expect, test } from "vitest";
import { lambdaContext } from "../../test/http-event.ts";
import { NotFoundError } from "../core/errors.ts";
import { defineFunction } from "./definition.ts";
import { taskFunction } from "./task.ts";

const definition = defineFunction({
  name: "play-thing",
  description: "",
  memoryMegabytes: 128,
  timeoutSeconds: 5,
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
