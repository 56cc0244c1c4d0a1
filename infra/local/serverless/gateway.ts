import { isUtf8 } from "node:buffer";
import { randomUUID } from "node:crypto";
import type { GatewayReply, GatewayRequest, GatewayServer, GatewayToolkit } from "serverless-offline";
import { MANIFEST } from "../../../functions/manifest.ts";
import { unreadablePathOf } from "../../../hosts/http/unreadable-path.ts";
import { TEXT_CONTENT_TYPE } from "../../../hosts/lambda-events/http-event.ts";
import { InvalidInputError, TooLargeError, UnavailableError } from "../../../lib/core/errors.ts";
import { codeOf, ERROR_MAP, TransportError } from "../../../lib/runtime/error-map.ts";
import { problemOf } from "../../../lib/runtime/problem.ts";
import { SAFE_HEADERS } from "../../../lib/runtime/safe-headers.ts";

const unreadablePath = unreadablePathOf(
  MANIFEST.flatMap(({ routes = [] }) => routes.map(({ path }) => path)),
);

/**
 * Makes serverless-offline's HTTP server treat bodies and errors as API Gateway does.
 *
 * - Bodies: it takes only two content types for binary and decodes all others as UTF-8, which mangles them.
 * It looks at `headers["content-type"]` for that and tells the function what `rawHeaders` say, so changing
 * the former changes only the former.
 * - It parses JSON once and then hands on the text; a body such as `"x"` or `0` would reach the function
 * parsed. No `mime`, no parsing.
 * - What it answers by itself (no such route, too large, a failed function) becomes problem details like all
 * other errors.
 */
export const likeApiGateway = (server: GatewayServer): void => {
  server.ext("onPreHandler", keepBody);
  server.ext("onPreResponse", answerWithProblem);
};

const keepBody = (request: GatewayRequest, toolkit: GatewayToolkit): symbol => {
  const { payload } = request;
  if (payload instanceof Uint8Array && payload.byteLength > 0) {
    const text =
      TEXT_CONTENT_TYPE.test(request.headers["content-type"] ?? "application/json") && isUtf8(payload);
    request.headers["content-type"] = text ? "text/plain" : "application/octet-stream";
    request.mime = "text/plain";
  }
  return toolkit.continue;
};

const answerWithProblem = (request: GatewayRequest, toolkit: GatewayToolkit): symbol | GatewayReply => {
  const failure = failureOf(request);
  if (!failure) return toolkit.continue;
  const requestId = randomUUID();
  const problem = problemOf(failure, requestId);
  const { retryAfterSeconds } = ERROR_MAP[codeOf(failure)];
  const reply = toolkit
    .response(problem)
    .code(problem.status)
    .type("application/problem+json")
    .header("x-request-id", requestId);
  for (const [name, value] of Object.entries(SAFE_HEADERS)) reply.header(name, value);
  return retryAfterSeconds ? reply.header("retry-after", String(retryAfterSeconds)) : reply;
};

/**
 * How serverless-offline reports, with status 200 and the stack, that a function threw: ours do so only when
 * they can't be loaded. Their own responses carry a request id.
 */
const FAILURE_REPORT = '{"errorMessage":';

/** What went wrong when the server responds, and not a function. */
const failureOf = ({ response, raw }: GatewayRequest): Error | undefined => {
  if (response.isBoom) {
    const { statusCode, payload } = response.output;
    if (statusCode === 413) return new TooLargeError("The body must not be larger than 10 MB.");
    if (statusCode >= 500) return response;
    return unreadablePath(raw.req.url) ?? new InvalidInputError(payload.message);
  }
  const { statusCode, source, headers } = response;
  if (statusCode === 404 && isObject(source) && "existingRoutes" in source) {
    const [method, path] = String(source.currentRoute).split(" - ");
    return new TransportError("no-such-route", `${method.toUpperCase()} ${path} is not served here.`);
  }
  // A function that timed out or threw: its own message is for the log and not for the caller.
  if (statusCode === 504 && source === null)
    return new UnavailableError("The function did not answer in time.");
  const isReport = typeof source === "string" && source.startsWith(FAILURE_REPORT);
  if ((statusCode === 502 && source === null) || (isReport && headers["x-request-id"] === undefined)) {
    return new Error("The function failed.");
  }
  return undefined;
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
