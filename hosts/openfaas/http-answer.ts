import { TransportError } from "../../lib/runtime/error-map.ts";
import { problemAnswer } from "../http/problem-answer.ts";

/** A response, ready to be sent. */
export interface HttpAnswer {
  readonly status: number;
  /** A list is sent as several headers. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer | string;
}

/** What a function returned is not what API Gateway would take for a response. */
class InvalidResponseError extends Error {
  override readonly name = "InvalidResponseError";
}

/**
 * The response that API Gateway's HTTP API makes of what a function returned (payload format 2.0). Raises
 * InvalidResponseError for what is none.
 */
export const httpAnswer = (result: unknown): HttpAnswer => {
  if (!isObject(result) || !Number.isInteger(result.statusCode)) {
    throw new InvalidResponseError("the function returned no response with a statusCode");
  }
  const { statusCode, headers, cookies, body = "", isBase64Encoded } = result;
  const status = statusCode as number;
  if (status < 200 || status > 599) throw new InvalidResponseError(`status ${status} is none of a response`);
  if (typeof body !== "string") throw new InvalidResponseError("the body is no text");
  const given = isObject(headers) ? headers : {};
  const list = Array.isArray(cookies) ? cookies.map(String) : [];
  return {
    status,
    headers: {
      ...Object.fromEntries(
        Object.entries(given).map(([name, value]) => [name.toLowerCase(), String(value)]),
      ),
      ...(list.length > 0 && { "set-cookie": list }),
    },
    body: isBase64Encoded === true ? Buffer.from(body, "base64") : body,
  };
};

/** Adds the public path to an address within the API. */
export const withPublicLocation = (answer: HttpAnswer, prefix: string): HttpAnswer => {
  const { location } = answer.headers;
  const isOwn = typeof location === "string" && /^\/(?!\/)/.test(location);
  if (prefix === "" || !isOwn) return answer;
  return { ...answer, headers: { ...answer.headers, location: `${prefix}${location}` } };
};

/** Without the query, which may contain a key. */
export const notServed = (method: string, path: string): HttpAnswer =>
  problemAnswer(new TransportError("no-such-route", `${method} ${path.slice(0, 200)} is not served here.`));

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
