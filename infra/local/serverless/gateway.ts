import { isUtf8 } from "node:buffer";
import type { GatewayRequest, GatewayServer, GatewayToolkit } from "serverless-offline";

/** What API Gateway's HTTP API hands to a function as text; every other body comes in base64. */
const TEXT = /^(text\/|application\/(json|javascript|xml)\b)/i;

/**
 * Makes serverless-offline's HTTP server treat bodies and errors as API Gateway does.
 *
 * - Bodies: it takes only two content types for binary and decodes all others as UTF-8, which mangles them. It looks at
 *   `headers["content-type"]` for that and tells the function what `rawHeaders` say, so changing the former changes only the former.
 * - It parses JSON once and then hands on the text; a body such as `"x"` or `0` would reach the function parsed. No `mime`, no parsing.
 * - What it answers by itself (no such route, too large, a failed function) becomes problem details like all other errors.
 */
export const likeApiGateway = (server: GatewayServer): void => {
  server.ext("onPreHandler", keepBody);
  server.ext("onPreResponse", answerWithProblem);
};

const keepBody = (request: GatewayRequest, toolkit: GatewayToolkit): symbol => {
  const { payload } = request;
  if (payload instanceof Uint8Array && payload.byteLength > 0) {
    const text = TEXT.test(request.headers["content-type"] ?? "application/json") && isUtf8(payload);
    request.headers["content-type"] = text ? "text/plain" : "application/octet-stream";
    request.mime = "text/plain";
  }
  return toolkit.continue;
};

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  404: "Not Found",
  413: "Content Too Large",
  500: "Internal Server Error",
  504: "Gateway Timeout",
};

const answerWithProblem = (request: GatewayRequest, toolkit: GatewayToolkit) => {
  const problem = problemOf(request);
  if (!problem) return toolkit.continue;
  const requestId = request.info.id;
  return toolkit
    .response({
      type: "about:blank",
      title: TITLES[problem.status] ?? "Error",
      status: problem.status,
      detail: problem.detail,
      requestId,
    })
    .code(problem.status)
    .type("application/problem+json")
    .header("x-request-id", requestId);
};

const problemOf = ({ response }: GatewayRequest): { status: number; detail: string } | undefined => {
  if (response.isBoom) {
    const { statusCode, payload } = response.output;
    if (statusCode === 413) return { status: 413, detail: "The body must not be larger than 10 MB." };
    return { status: statusCode, detail: payload.message || payload.error };
  }
  const { statusCode, source } = response;
  if (statusCode === 404 && isObject(source) && "existingRoutes" in source) {
    return { status: 404, detail: `There is no route ${source.currentRoute}.` };
  }
  // A function that threw or ran out of time: its message is for the log, not for the caller.
  if (statusCode === 502 && source === null) return { status: 500, detail: "The function failed." };
  if (statusCode === 504 && source === null) {
    return { status: 504, detail: "The function did not answer in time." };
  }
  return undefined;
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
