import { failure } from "../../command/failure.ts";

/** The running API, as the command line uses it: like any other client. */
export interface Api {
  readonly url: string;
  get<Answer>(path: string): Promise<Answer>;
  /** Sends JSON. Raises a CommandFailure with the API's own error. */
  post<Answer>(path: string, body: object): Promise<Answer>;
}

interface Problem {
  readonly detail?: string;
  readonly title?: string;
}

/** `key` is for an API that requires one. */
export const apiAt = (url: string, key?: string): Api => {
  const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const ask = async <Answer>(path: string, init: RequestInit = {}): Promise<Answer> => {
    const headers = { ...init.headers, ...authorization };
    const response = await fetch(new URL(path, url), { ...init, headers }).catch((error: Error) => {
      throw failure(`the API does not answer: ${error.cause ?? error.message}`, error);
    });
    if (response.ok) return (await response.json()) as Answer;
    const problem = (await response.json().catch(() => ({}))) as Problem;
    throw failure(problem.detail ?? problem.title ?? `status ${response.status}`);
  };
  return {
    url,
    get: (path) => ask(path),
    post: (path, body) =>
      ask(path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
  };
};
