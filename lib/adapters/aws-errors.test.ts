import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, describe, expect, it } from "vitest";
import {
  MisconfiguredError,
  ThrottledError,
  TooLargeError,
  UnavailableError,
  VersionConflictError,
} from "../core/errors.ts";
import { answerTo } from "./aws-errors.ts";

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

/** A service that answers every request in one way; returns its address. */
const startService = async (status: number, body: unknown): Promise<string> => {
  server = createServer((request, response) => {
    request.resume();
    if (status === 0) return;
    response.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(body));
  });
  const listening = server;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
};

/** What asking that service ends in, through the real client. */
const outcomeOf = async (endpoint: string): Promise<unknown> => {
  const client = new DynamoDBClient({
    endpoint,
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
    requestHandler: { requestTimeout: 200, throwOnRequestTimeout: true },
  });
  const command = new GetItemCommand({ TableName: "devices", Key: { deviceId: { S: "van-7" } } });
  try {
    return await answerTo("read device van-7", client.send(command));
  } catch (error) {
    return error;
  } finally {
    client.destroy();
  }
};

const failure = (type: string, message = "told so") => ({
  __type: `com.amazonaws.dynamodb.v20120810#${type}`,
  message,
});

describe("answerTo", () => {
  it("passes an answer on", async () => {
    await expect(answerTo("read", Promise.resolve(42))).resolves.toBe(42);
  });

  it.each([
    [400, failure("ThrottlingException"), ThrottledError],
    [400, failure("ProvisionedThroughputExceededException"), ThrottledError],
    [400, failure("RequestLimitExceeded"), ThrottledError],
    [429, {}, ThrottledError],
    [400, failure("ConditionalCheckFailedException"), VersionConflictError],
    [400, failure("ResourceNotFoundException"), MisconfiguredError],
    [400, failure("AccessDeniedException"), MisconfiguredError],
    [400, failure("ValidationException", "Item size has exceeded the maximum allowed size"), TooLargeError],
    [500, failure("InternalServerError"), UnavailableError],
    [503, {}, UnavailableError],
    [0, {}, UnavailableError],
  ])("turns %i %o into the error that callers act on", async (status, body, expected) => {
    const error = await outcomeOf(await startService(status, body));
    expect(error).toBeInstanceOf(expected);
    expect((error as Error).message).toMatch(/^read device van-7: ./);
    expect((error as Error).cause).toBeInstanceOf(Error);
  });

  it("says unavailable when nobody listens", async () => {
    const endpoint = await startService(200, {});
    await new Promise((resolve) => server?.close(resolve));
    expect(await outcomeOf(endpoint)).toBeInstanceOf(UnavailableError);
  });

  it("leaves alone what is a mistake of ours", async () => {
    const error = await outcomeOf(await startService(400, failure("ValidationException")));
    expect(error).toMatchObject({ name: "ValidationException" });
    const mistake = new TypeError("undefined is not a function");
    await expect(answerTo("read", Promise.reject(mistake))).rejects.toBe(mistake);
  });
});
