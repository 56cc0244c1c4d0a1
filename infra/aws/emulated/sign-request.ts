import { createHash, createHmac } from "node:crypto";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface RequestToSign {
  readonly method: string;
  readonly host: string;
  /** As it is sent: encoded, without the query. */
  readonly path: string;
  readonly query?: URLSearchParams;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Signer {
  readonly credentials: Credentials;
  readonly region: string;
  /** `execute-api`, `kinesis`, ... */
  readonly service: string;
}

const ALGORITHM = "AWS4-HMAC-SHA256";

/**
 * The headers of a request with AWS Signature Version 4, including the host: what an API with IAM
 * authentication expects. Source: AWS IAM User Guide, "Create a signed AWS API request".
 */
export const signRequest = (
  request: RequestToSign,
  { credentials, region, service }: Signer,
  at: Date,
): Record<string, string> => {
  const time = at.toISOString().replace(/[-:]|\.\d{3}/g, "");
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const headers: Record<string, string> = {
    ...lowerCased(request.headers),
    host: request.host,
    "x-amz-date": time,
  };
  const names = Object.keys(headers).toSorted();
  const signed = names.join(";");
  const canonical = [
    request.method,
    canonicalPath(request.path),
    canonicalQuery(request.query),
    ...names.map((name) => `${name}:${headers[name]?.trim()}`),
    "",
    signed,
    sha256(request.body ?? ""),
  ].join("\n");
  const key = ["aws4_request", service, region, time.slice(0, 8)].reduceRight(
    (secret: string | Buffer, part) => hmac(secret, part),
    `AWS4${credentials.secretAccessKey}`,
  );
  const signature = hmac(key, [ALGORITHM, time, scope, sha256(canonical)].join("\n")).toString("hex");
  const authorization = `${ALGORITHM} Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
  return { ...headers, authorization };
};

const lowerCased = (headers: Readonly<Record<string, string>> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** Every service except S3 encodes the encoded path once more. */
const canonicalPath = (path: string): string => path.split("/").map(encode).join("/");

const canonicalQuery = (query = new URLSearchParams()): string =>
  [...query]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .toSorted()
    .join("&");

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
