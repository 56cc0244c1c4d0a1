import type { IncomingHttpHeaders } from "node:http";

/** A request before its body was read. */
export interface RequestHead {
  readonly method: string;
  /** Path and query, as they came. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** What a refused request is answered. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Verdict =
  | { readonly refusal: Refusal }
  | {
      readonly refusal?: undefined;
      /** What the body must hash to, SHA-256 in hexadecimal digits; absent when any body will do. */
      readonly bodySha256?: string;
    };

/** Decides by its head whether a request is served. */
export type Guard = (head: RequestHead) => Verdict | Promise<Verdict>;

/** An error in the words of AWS's JSON and REST protocols at once. */
export const refusalOf = (status: number, name: string, message: string): Refusal => ({
  status,
  headers: { "content-type": "application/x-amz-json-1.0", "x-amzn-errortype": name },
  body: JSON.stringify({ __type: name, message }),
});

/** What a body is answered that is not the one which was signed. */
export const WRONG_BODY = refusalOf(
  400,
  "XAmzContentSHA256Mismatch",
  "The body is another one than was signed: its hash is not that in x-amz-content-sha256",
);
