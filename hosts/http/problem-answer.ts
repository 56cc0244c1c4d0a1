import { randomUUID } from "node:crypto";
import { codeOf, ERROR_MAP, retryAfterOf } from "../../lib/runtime/error-map.ts";
import { problemOf } from "../../lib/runtime/problem.ts";
import { SAFE_HEADERS } from "../../lib/runtime/safe-headers.ts";

/** A response to a request that never reaches a function, or that none could answer. */
export interface PlainAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A failure as problem details, like those of functions. */
export const problemAnswer = (error: Error): PlainAnswer => {
  const requestId = randomUUID();
  const problem = problemOf(error, requestId);
  const retryAfterSeconds = retryAfterOf(error);
  const { challenge } = ERROR_MAP[codeOf(error)];
  return {
    status: problem.status,
    headers: {
      ...SAFE_HEADERS,
      "content-type": "application/problem+json",
      "x-request-id": requestId,
      ...(retryAfterSeconds && { "retry-after": String(retryAfterSeconds) }),
      ...(challenge && { "www-authenticate": challenge }),
    },
    body: JSON.stringify(problem),
  };
};
