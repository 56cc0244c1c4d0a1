import { createHash } from "node:crypto";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface StoredObject {
  readonly key: string;
  readonly version: string;
  readonly content: Uint8Array;
}

/** The part of S3's API that our clients use, over HTTP, for one versioned bucket. */
export interface S3Server {
  readonly endpoint: string;
  readonly objects: Map<string, StoredObject[]>;
  put(key: string, content: Uint8Array): string;
  /** The connection breaks once, after this many bytes of a body. */
  breakOffAfter(bytes: number): void;
  close(): Promise<void>;
}

const PAGE = 3;

export const etagOf = (content: Uint8Array): string => createHash("md5").update(content).digest("hex");

export const startS3Server = async (bucket: string): Promise<S3Server> => {
  const objects = new Map<string, StoredObject[]>();
  let versions = 0;
  let breakAfter: number | undefined;

  const put = (key: string, content: Uint8Array): string => {
    const version = `version-${++versions}`;
    objects.set(key, [...(objects.get(key) ?? []), { key, version, content }]);
    return version;
  };

  const refuse = (response: ServerResponse, status: number, code: string): void => {
    response.writeHead(status, { "content-type": "application/xml" });
    response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`);
  };

  const get = (response: ServerResponse, key: string, version: string | null, etag?: string): void => {
    const found = objects.get(key)?.findLast((each) => version === null || each.version === version);
    if (!found) {
      refuse(response, 404, objects.has(key) ? "NoSuchVersion" : "NoSuchKey");
      return;
    }
    const { content } = found;
    if (etag !== undefined && etag !== `"${etagOf(content)}"`) {
      refuse(response, 412, "PreconditionFailed");
      return;
    }
    response.writeHead(200, { "content-length": content.length, "x-amz-version-id": found.version });
    if (breakAfter === undefined) {
      response.end(content);
      return;
    }
    response.write(content.subarray(0, breakAfter), () => response.destroy());
    breakAfter = undefined;
  };

  const list = (response: ServerResponse, prefix: string, after: string): void => {
    const rest = [...objects.keys()].sort().filter((key) => key.startsWith(prefix) && key > after);
    const page = rest.slice(0, PAGE);
    const entries = page.map((key) => {
      const { length } = objects.get(key)?.at(-1)?.content ?? [];
      return `<Contents><Key>${key.replaceAll("&", "&amp;")}</Key><Size>${length}</Size></Contents>`;
    });
    const more = rest.length > PAGE ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : "";
    response.writeHead(200, { "content-type": "application/xml" });
    response.end(
      `<?xml version="1.0"?><ListBucketResult><IsTruncated>${rest.length > PAGE}</IsTruncated>${entries.join("")}${more}</ListBucketResult>`,
    );
  };

  const server: Server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://s3");
    const [, name, ...path] = pathname.split("/");
    const key = decodeURIComponent(path.join("/"));
    request.resume();
    if (name !== bucket) return refuse(response, 404, "NoSuchBucket");
    if (key === "") {
      const token = searchParams.get("continuation-token") ?? "";
      return list(response, searchParams.get("prefix") ?? "", token);
    }
    if (request.method === "GET")
      return get(response, key, searchParams.get("versionId"), request.headers["if-match"]);
    if (request.method === "DELETE") {
      objects.delete(key);
      response.writeHead(204).end();
      return;
    }
    if (request.method === "PUT") {
      const source = decodeURIComponent(String(request.headers["x-amz-copy-source"] ?? ""));
      const copied = objects.get(source.replace(/^\/?[^/]+\//, "").replace(/\?.*$/, ""))?.at(-1);
      if (!copied) return refuse(response, 404, "NoSuchKey");
      put(key, copied.content);
      response.writeHead(200, { "content-type": "application/xml" });
      response.end('<?xml version="1.0"?><CopyObjectResult><ETag>"x"</ETag></CopyObjectResult>');
      return;
    }
    refuse(response, 405, "MethodNotAllowed");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    put,
    breakOffAfter: (bytes) => {
      breakAfter = bytes;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
