import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, describe, expect, it } from "vitest";
import {
  isHopeless,
  MisconfiguredError,
  RefusedError,
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
    [403, failure("UnrecognizedClientException"), UnavailableError],
    [403, failure("SignatureDoesNotMatch"), UnavailableError],
    [400, failure("InvalidSignatureException"), UnavailableError],
    [400, failure("ValidationException", "Item size has exceeded the maximum allowed size"), TooLargeError],
    [
      400,
      failure("ValidationException", "The provided key element does not match the schema"),
      MisconfiguredError,
    ],
    [
      400,
      failure("ValidationException", "Supplied AttributeValue has more than one datatypes"),
      RefusedError,
    ],
    [400, failure("SerializationException"), RefusedError],
    [400, failure("InvalidArgumentException"), RefusedError],
    [413, {}, TooLargeError],
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
    const mistake = new TypeError("undefined is not a function");
    await expect(answerTo("read", Promise.reject(mistake))).rejects.toBe(mistake);
  });
});

describe("finding 9: which answers of a service are hopeless", () => {
  it.each([
    [
      "an item beyond the limit",
      400,
      failure("ValidationException", "Item size has exceeded the maximum allowed size"),
      true,
    ],
    ["a value that the table does not take", 400, failure("ValidationException", "empty string value"), true],
    [
      "a table with other keys",
      400,
      failure("ValidationException", "Missing the key deviceId in the item"),
      false,
    ],
    ["throttling", 400, failure("ThrottlingException"), false],
    ["a missing right", 400, failure("AccessDeniedException"), false],
    ["a failure of the service", 500, failure("InternalServerError"), false],
    ["what nobody knows", 400, failure("SomethingNewException"), false],
  ])("%s", async (_, status, body, expected) => {
    expect(isHopeless(await outcomeOf(await startService(status, body)))).toBe(expected);
  });
});
