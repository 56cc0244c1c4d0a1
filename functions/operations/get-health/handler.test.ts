import { expect, test } from "vitest";
import { call } from "../../../test/http-event.ts";
import { createHandler } from "./handler.ts";

test("says ok when the API is up", async () => {
  const answer = await call(createHandler(), "GET /healthz");
  expect(answer).toMatchObject({ status: 200, json: { status: "ok" } });
  expect(answer.headers["content-type"]).toBe("application/json");
  expect(answer.headers["x-request-id"]).toBe("00000000-0000-4000-8000-000000000001");
});

test("refuses a query parameter that it does not know", async () => {
  const answer = await call(createHandler(), "GET /healthz", { query: { verbose: 1 } });
  expect(answer.status).toBe(400);
  expect(answer.json).toMatchObject({
    type: "urn:backtrack:problem:invalid-input",
    errors: [{ field: "verbose", value: "1", rule: "is not a parameter here; there are none" }],
  });
});
