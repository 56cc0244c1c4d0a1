import { createHash } from "node:crypto";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { describe, expect, it, test } from "vitest";
import type { RequestHead } from "./guard.ts";
import { serve } from "./http-server.ts";
import { type AccessKey, signedRequests } from "./signed-requests.ts";

const KEY: AccessKey = { accessKeyId: "AKIDTEST", secretAccessKey: "the secret" };
const NOW_MS = Date.parse("2026-11-21T12:00:00Z");
const guard = signedRequests({ keys: () => [KEY], serviceOf: () => "states", clock: () => NOW_MS });

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

interface Wanted {
  readonly key?: AccessKey;
  readonly service?: string;
  readonly atMs?: number;
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface SignedHead extends RequestHead {
  readonly headers: Record<string, string>;
}

const signed = async ({
  key = KEY,
  service = "states",
  atMs = NOW_MS,
  url = "/a%20path?b=2&a=1%2B1",
  headers = {},
}: Wanted = {}): Promise<SignedHead> => {
  const { pathname, searchParams } = new URL(url, "http://engine:8090");
  const signer = new SignatureV4({ credentials: key, region: "us-east-1", service, sha256: Sha256 });
  const request = await signer.sign(
    {
      method: "POST",
      protocol: "http:",
      hostname: "engine",
      path: pathname,
      query: Object.fromEntries(searchParams),
      headers: {
        host: "engine:8090",
        "x-amz-target": "AWSStepFunctions.StartExecution",
        "x-amz-content-sha256": sha256("{}"),
        ...headers,
      },
    },
    { signingDate: new Date(atMs) },
  );
  return { method: "POST", url, headers: { ...request.headers } };
};

const nameOf = async (head: RequestHead): Promise<string | undefined> =>
  (await guard(head)).refusal?.headers["x-amzn-errortype"];

describe("signedRequests", () => {
  it("serves what is signed, and says which body that is", async () => {
    expect(await guard(await signed())).toEqual({ bodySha256: sha256("{}") });
  });

  it("refuses a request of which anything that counts was changed", async () => {
    const head = await signed();
    const changed: Record<string, RequestHead> = {
      method: { ...head, method: "PUT" },
      path: { ...head, url: "/another%20path?b=2&a=1%2B1" },
      query: { ...head, url: "/a%20path?b=2&a=1%2B2" },
      "more of a query": { ...head, url: `${head.url}&c=3` },
      ...Object.fromEntries(
        ["host", "x-amz-target", "x-amz-content-sha256"].map((name) => [
          name,
          { ...head, headers: { ...head.headers, [name]: name === "host" ? "other" : sha256("other") } },
        ]),
      ),
    };
    for (const [what, each] of Object.entries(changed)) {
      expect(await nameOf(each), what).toBe("SignatureDoesNotMatch");
    }
  });

  it.each<[string, string, Wanted]>([
    ["another secret", "SignatureDoesNotMatch", { key: { ...KEY, secretAccessKey: "guessed" } }],
    ["an unknown key", "UnrecognizedClientException", { key: { ...KEY, accessKeyId: "AKIDOTHER" } }],
    ["another service", "SignatureDoesNotMatch", { service: "scheduler" }],
    ["a clock 5 minutes slow", "RequestTimeTooSkewed", { atMs: NOW_MS - 301_000 }],
    ["a clock 5 minutes fast", "RequestTimeTooSkewed", { atMs: NOW_MS + 301_000 }],
    [
      "a body that isn't named",
      "IncompleteSignature",
      { headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" } },
    ],
  ])("refuses %s: %s", async (_, name, wanted) => {
    expect(await nameOf(await signed(wanted))).toBe(name);
  });

  it.each([-299_000, 299_000])("bears a clock that is %i ms off", async (offMs) => {
    expect(await nameOf(await signed({ atMs: NOW_MS + offMs }))).toBeUndefined();
  });

  it("refuses what says more than was signed, or less", async () => {
    const head = await signed();
    const { authorization } = head.headers;
    const withHeader = (more: Record<string, string | undefined>): RequestHead => ({
      ...head,
      headers: { ...head.headers, ...more },
    });
    const cases: [string, RequestHead, string][] = [
      ["no signature", withHeader({ authorization: undefined }), "MissingAuthenticationToken"],
      [
        "an id alone",
        withHeader({ authorization: "AWS4-HMAC-SHA256 Credential=AKIDTEST/local" }),
        "IncompleteSignature",
      ],
      ["a further x-amz header", withHeader({ "x-amz-security-token": "t" }), "IncompleteSignature"],
      ["a signed header that is gone", withHeader({ "x-amz-target": undefined }), "IncompleteSignature"],
      [
        "host not signed",
        withHeader({ authorization: authorization.replace("host;", "") }),
        "IncompleteSignature",
      ],
      ["a signature in the query", { ...head, url: `${head.url}&X-Amz-Signature=00` }, "IncompleteSignature"],
      ["the same, encoded", { ...head, url: `${head.url}&x%2Damz%2Dsignature=00` }, "IncompleteSignature"],
      [
        "a day of its own",
        withHeader({ authorization: authorization.replace("20261121", "20261120") }),
        "IncompleteSignature",
      ],
    ];
    for (const [what, each, name] of cases) expect(await nameOf(each), what).toBe(name);
  });

  it("takes every key that is accepted, and those alone", async () => {
    const old = { ...KEY, secretAccessKey: "before" };
    const both = signedRequests({ keys: () => [KEY, old], serviceOf: () => "states", clock: () => NOW_MS });
    expect((await both(await signed({ key: old }))).refusal).toBeUndefined();
    expect((await both(await signed())).refusal).toBeUndefined();
    expect((await guard(await signed({ key: old }))).refusal).toBeDefined();
  });
});

test("a server refuses unread what is not signed, and a body other than the one which was", async () => {
  const answered: string[] = [];
  const server = await serve(
    async ({ body }) => {
      answered.push(`${body}`);
      return { status: 200, headers: {}, body: "" };
    },
    { guard },
  );
  const head = await signed({ url: "/", headers: { host: new URL(server.endpoint).host } });
  const { host: _, ...headers } = head.headers;
  const post = (body: string, more = {}) =>
    fetch(server.endpoint, { method: "POST", body, headers: { ...headers, ...more } });
  expect((await post("{}")).status).toBe(200);
  const wrong = await post('{"stolen":true}');
  expect([wrong.status, wrong.headers.get("x-amzn-errortype")]).toEqual([400, "XAmzContentSHA256Mismatch"]);
  expect((await post("{}", { authorization: "none" })).status).toBe(403);
  expect(answered).toEqual(["{}"]);
  await server.close();
});
