import { randomUUID } from "node:crypto";
import { problemOf } from "../../../lib/runtime/problem.ts";
import { SAFE_HEADERS } from "../../../lib/runtime/safe-headers.ts";

/** A response to a request that never reaches a function. */
export interface GateAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A failure as problem details, like those of functions. */
export const problemAnswer = (error: Error): GateAnswer => {
  const requestId = randomUUID();
  const problem = problemOf(error, requestId);
  return {
    status: problem.status,
    headers: { ...SAFE_HEADERS, "content-type": "application/problem+json", "x-request-id": requestId },
    body: JSON.stringify(problem),
  };
};
