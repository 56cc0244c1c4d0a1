import { describe, expect, test } from "vitest";
import { call } from "../../../test/http-event.ts";
import { MANIFEST } from "../../manifest.ts";
import { createHandler } from "./handler.ts";

const open = (headers: Record<string, string> = {}) => call(createHandler(), "GET /", { headers });

describe("finding 25: the printed address shows a page of links", () => {
  test("every link leads to something that is served", async () => {
    const { status, text, headers } = await open();
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    const links = [...text.matchAll(/href="([^"]+)"/g)].map(([, path]) => path);
    expect(links).toContain("/openapi.json");
    const served = MANIFEST.flatMap(({ routes = [] }) => routes)
      .filter(({ method }) => method === "GET")
      .map(({ path }) => path);
    for (const link of links) expect(served).toContain(link);
  });

  test("its commands name the address that it was opened at", async () => {
    expect((await open({ host: "127.0.0.1:3000" })).text).toContain(
      "curl 'http://127.0.0.1:3000/devices/van'",
    );
    const deployed = await open({ host: "api.example", "x-forwarded-proto": "https" });
    expect(deployed.text).toContain("curl 'https://api.example/devices/van'");
  });

  test("under a path of its own, it leads to what is under that path", async () => {
    const { text } = await open({ host: "api.example", "x-forwarded-prefix": "/function/backtrack" });
    expect(text).toContain('href="/function/backtrack/openapi.json"');
    expect(text).toContain("curl 'http://api.example/function/backtrack/devices/van'");
    for (const prefix of ["//evil.example", '/"onload="x', "/a b", "/.%2e/"]) {
      expect((await open({ "x-forwarded-prefix": prefix })).text).toContain('href="/openapi.json"');
    }
  });

  test("no script, frame or form can work in it, whatever host it was asked by", async () => {
    for (const host of ["<script>alert(1)</script>", "a'; rm -rf ~ '", 'x" onload="y', ""]) {
      const { text, headers } = await open({ host });
      expect(text).not.toMatch(/<script|onload|rm -rf/);
      expect(headers["content-security-policy"]).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
      expect(headers).toMatchObject({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
    }
  });

  test("takes no parameter", async () => {
    expect((await call(createHandler(), "GET /", { query: { a: "1" } })).status).toBe(400);
  });
});
