import { timingSafeEqual } from "node:crypto";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Clock } from "../../lib/core/clock.ts";
import { type Guard, type Refusal, type RequestHead, refusalOf } from "./guard.ts";

/*
 * Keeps an engine's API to whoever has the secret of an access key: every request carries AWS's Signature
 * Version 4 in its headers, which is computed again here. Unlike the stacks of a laptop, this API is on a
 * network, where an access key's id can be read.
 *
 * The body's hash must be signed (x-amz-content-sha256), so a request is refused before its body is read; so
 * must be `host` and all of x-amz-*, which say what is asked for. Signatures in the query, which end up in
 * logs and can be handed on, are refused. A request can be sent again, as it was, for five minutes: what our
 * operations do twice, they do once.
 */

/** An access key with its secret. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface SignedRequestsOptions {
  /** The keys that are accepted now; asked at each request. */
  keys(): readonly AccessKey[] | Promise<readonly AccessKey[]>;
  /** What the request must be signed for, as AWS calls its service, for example `states`. */
  serviceOf(head: RequestHead): string;
  readonly clock: Clock;
}

/** How far a client's clock may be from ours, as AWS has it. */
export const MAXIMUM_SKEW_MILLISECONDS = 5 * 60_000;

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 +Credential=([^/,\s]{1,128})\/(\d{8})\/([a-z0-9-]{1,64})\/([a-z0-9-]{1,64})\/aws4_request *, *SignedHeaders=([a-z0-9;._-]{1,4096}) *, *Signature=([0-9a-f]{64})$/;
const IN_QUERY = /^x-amz-(signature|credential|algorithm)$/i;

/** A key that nobody has: an unknown one takes as long to refuse as a wrong signature. */
const NOBODY: AccessKey = { accessKeyId: "nobody", secretAccessKey: "nobody" };

/** Refuses what is not signed with one of the keys. */
export const signedRequests =
  ({ keys, serviceOf, clock }: SignedRequestsOptions): Guard =>
  async (head) => {
    const signed = readSignature(head, clock());
    if ("refusal" in signed) return signed;
    const service = serviceOf(head);
    if (signed.service !== service) {
      return refuse(
        "SignatureDoesNotMatch",
        `It is signed for the service ${signed.service}, not for ${service}`,
      );
    }
    const candidates = (await keys()).filter(({ accessKeyId }) => accessKeyId === signed.accessKeyId);
    let isGenuine = false;
    for (const key of candidates.length > 0 ? candidates : [NOBODY]) {
      const expected = Buffer.from(await signatureOf(head.method, signed, key));
      if (timingSafeEqual(expected, Buffer.from(signed.signature))) isGenuine = true;
    }
    if (candidates.length === 0) {
      return refuse("UnrecognizedClientException", "The access key is not one of this engine's");
    }
    if (!isGenuine) return refuse("SignatureDoesNotMatch", "The signature is not that of this request");
    return { bodySha256: signed.bodySha256 };
  };

interface Signature {
  readonly accessKeyId: string;
  readonly signedAtMs: number;
  readonly region: string;
  readonly service: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signature: string;
  readonly bodySha256: string;
  readonly path: string;
  readonly query: Query;
}

type Query = Record<string, string | string[]>;

const refuse = (name: string, message: string): { readonly refusal: Refusal } => ({
  refusal: refusalOf(403, name, message),
});

/** What the request claims; nothing of it is proved yet. */
const readSignature = (head: RequestHead, nowMs: number): Signature | { readonly refusal: Refusal } => {
  const [path, query = ""] = splitOnce(head.url, "?");
  const parameters = queryIn(query);
  if (Object.keys(parameters).some((name) => IN_QUERY.test(name))) {
    return refuse("IncompleteSignature", "Signatures in the query are not taken: sign in the headers");
  }
  const { authorization } = head.headers;
  if (authorization === undefined) {
    return refuse("MissingAuthenticationToken", "The request is not signed (AWS Signature Version 4)");
  }
  const parts = AUTHORIZATION.exec(authorization);
  if (!parts)
    return refuse("IncompleteSignature", "The header authorization is not that of Signature Version 4");
  const [, accessKeyId, day, region, service, signedHeaders, signature] = parts;

  const headers: Record<string, string> = {};
  for (const name of signedHeaders.split(";")) {
    const value = headerOf(head, name);
    if (value === undefined) return refuse("IncompleteSignature", `The signed header ${name} is missing`);
    headers[name] = value;
  }
  const needed = ["host", "x-amz-date", "x-amz-content-sha256"];
  const unsigned = [...needed, ...Object.keys(head.headers).filter((name) => name.startsWith("x-amz-"))];
  for (const name of unsigned) {
    if (!Object.hasOwn(headers, name))
      return refuse("IncompleteSignature", `The header ${name} must be signed`);
  }
  const bodySha256 = headers["x-amz-content-sha256"];
  if (!/^[0-9a-f]{64}$/.test(bodySha256)) {
    return refuse("IncompleteSignature", "x-amz-content-sha256 must be the SHA-256 of the body");
  }
  const signedAtMs = momentIn(headers["x-amz-date"]);
  if (signedAtMs === undefined || !headers["x-amz-date"].startsWith(day)) {
    return refuse(
      "IncompleteSignature",
      "x-amz-date must be a time such as 20261121T120000Z, on the day signed for",
    );
  }
  if (Math.abs(nowMs - signedAtMs) > MAXIMUM_SKEW_MILLISECONDS) {
    return refuse("RequestTimeTooSkewed", `It was signed more than 5 minutes from now, ${isoOf(nowMs)}`);
  }
  return {
    accessKeyId,
    signedAtMs,
    region,
    service,
    headers,
    signature,
    bodySha256,
    path,
    query: parameters,
  };
};

const headerOf = ({ headers }: RequestHead, name: string): string | undefined => {
  const value = headers[name] ?? (name === "host" ? headers[":authority"] : undefined);
  return Array.isArray(value) ? value.join(",") : value;
};

const momentIn = (text: string): number | undefined => {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(ms) ? undefined : ms;
};

const isoOf = (ms: number): string => new Date(ms).toISOString();

const signatureOf = async (method: string, signed: Signature, key: AccessKey): Promise<string> => {
  const { region, service, headers, path, query, signedAtMs } = signed;
  const signer = new SignatureV4({
    credentials: key,
    region,
    service,
    sha256: Sha256,
    applyChecksum: false,
    // S3 alone signs the path as it is sent.
    uriEscapePath: service !== "s3",
  });
  const request = await signer.sign(
    { method, protocol: "http:", hostname: headers.host, path, query, headers },
    { signingDate: new Date(signedAtMs), signableHeaders: new Set(Object.keys(headers)) },
  );
  return request.headers.authorization.slice(-64);
};

const splitOnce = (text: string, separator: string): [string, string | undefined] => {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
};

const queryIn = (text: string): Query => {
  const query: Query = Object.create(null);
  for (const part of text.split("&").filter(Boolean)) {
    const [name, value = ""] = splitOnce(part, "=").map((piece) => decoded(piece ?? ""));
    const before = query[name];
    query[name] = before === undefined ? value : [before, value].flat();
  }
  return query;
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
