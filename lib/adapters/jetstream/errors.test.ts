import { JetStreamApiError } from "@nats-io/jetstream";
import { errors } from "@nats-io/transport-node";
import { expect, test } from "vitest";
import { isNoMessage, isNoResponders, isNoStream, translateNats } from "./errors.ts";

const answer = (status: number, code: number, description: string): Error =>
  new JetStreamApiError({ code: status, err_code: code, description });

test.each<[string, Error]>([
  ["ThrottledError", answer(503, 10_077, "maximum bytes exceeded")],
  ["ThrottledError", answer(503, 10_077, "maximum messages exceeded")],
  ["ThrottledError", answer(503, 10_023, "insufficient resources")],
  ["ThrottledError", answer(500, 10_047, "insufficient storage resources available")],
  ["UnavailableError", answer(503, 10_077, "no space left on device")],
  ["UnavailableError", answer(503, 10_008, "JetStream system temporarily unavailable")],
  ["UnavailableError", answer(408, 10_004, "timeout")],
  ["MisconfiguredError", answer(404, 10_059, "stream not found")],
  ["MisconfiguredError", answer(400, 10_060, "expected stream does not match")],
  ["TooLargeError", answer(400, 10_054, "message size exceeds maximum allowed")],
  ["TooLargeError", new errors.InvalidArgumentError("'payload' max_payload size exceeded")],
  ["RefusedError", answer(400, 10_025, "invalid JSON")],
  ["UnavailableError", new errors.TimeoutError()],
  ["UnavailableError", new errors.NoRespondersError("positions.0")],
  ["UnavailableError", new errors.ConnectionError("connection refused")],
  ["UnavailableError", new errors.ClosedConnectionError()],
  ["UnavailableError", Object.assign(new Error("connect"), { code: "ECONNREFUSED" })],
  ["UnavailableError", new errors.ConnectionError("x", { cause: new Error("y") })],
  ["MisconfiguredError", new errors.AuthorizationError("Authorization Violation")],
  ["MisconfiguredError", new errors.PermissionViolationError("no", "publish", "positions.0")],
  [
    "MisconfiguredError",
    new errors.RequestError("x", { cause: new errors.PermissionViolationError("no", "publish", "a") }),
  ],
  ["TypeError", new TypeError("a bug")],
])("%s: %s", (name, error) => {
  const found = translateNats(error, "publish to positions") as Error;
  expect(found.name).toBe(name);
  if (found !== error) {
    expect(found.message).toMatch(/^publish to positions: ./);
    expect(found.cause).toBe(error);
  }
});

test("answers are told apart by their numbers", () => {
  expect(isNoStream(answer(404, 10_059, "stream not found"))).toBe(true);
  expect(isNoStream(answer(404, 10_014, "consumer not found"))).toBe(false);
  expect(isNoMessage(answer(404, 10_037, "no message found"))).toBe(true);
  expect(isNoMessage(answer(500, 10_057, "no message found"))).toBe(true);
  expect(isNoMessage(answer(500, 10_057, "disk is on fire"))).toBe(false);
  expect(isNoResponders(new Error("x", { cause: new errors.NoRespondersError("a") }))).toBe(true);
  expect(isNoResponders(new errors.TimeoutError())).toBe(false);
});
