import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { MANIFEST } from "../../../functions/manifest.ts";
import { CADDYFILE, caddyfile } from "./caddyfile.ts";

const ROOT = resolve(import.meta.dirname, "../../..");

test("the Caddyfile is what the manifest makes; npm run openfaas -- proxy --write writes it", () => {
  expect(readFileSync(join(ROOT, CADDYFILE), "utf8")).toBe(caddyfile());
});

/**
 * An expression of the Caddyfile, by the name of its matcher; Go's and JavaScript's agree on what is used.
 */
const matcher = (name: string, text = caddyfile()): RegExp => {
  const [, written] = new RegExp(`@${name} (?:not )?vars_regexp \\S+ (\\S+)`).exec(text) ?? [];
  const isCaseless = written.startsWith("(?i)");
  return new RegExp(isCaseless ? written.slice(4) : written, isCaseless ? "i" : "");
};

test("every route of the manifest is reachable, and nothing else", () => {
  const known = matcher("elsewhere");
  const paths = MANIFEST.flatMap(({ routes = [] }) => routes).map(({ path }) =>
    path.replaceAll(/\{\w+\}/g, "a%23b"),
  );
  expect(paths.filter((path) => !known.test(path) || !known.test(`${path}?limit=1`))).toEqual([]);
  const others = [
    "/2015-03-31/functions/track-devices/invocations",
    "//2015-03-31/functions/track-devices/invocations",
    "/function/backtrack-stream",
    "/system/functions",
    "/async-function/backtrack",
    "/_/health",
    "/_/ready",
    "/ui/",
    "/metrics",
    "/devicesx",
    "/%64evices",
    "/openapiXjson",
    "*",
  ];
  expect(others.filter((path) => known.test(path))).toEqual([]);
});

test("no path climbs out of the function, however often it is decoded", () => {
  const climbs = matcher("climbs");
  for (const path of [
    "/devices/../../backtrack-stream/2015-03-31/functions/track-devices/invocations",
    "/devices/%2e%2E/x",
    "/devices/%252e%252e/x",
    "/devices%2f..%2F..%2fx",
    "/devices%252f..%252fx",
    "/devices/..",
    "/devices/..?x=1",
    "/devices/./x",
  ]) {
    expect(climbs.test(path), path).toBe(true);
  }
  for (const path of ["/devices/a..b", "/devices/..a", "/devices/v1.2/track", "/devices?cursor=/../"]) {
    expect(climbs.test(path), path).toBe(false);
  }
});

test("keys move where positions are sent, and are found in any encoding", () => {
  const sends = matcher("sendsPositions");
  for (const path of ["/devices/van-7/positions?key=1", "/positions?key=1"])
    expect(sends.test(path)).toBe(true);
  for (const path of ["/devices/van-7?key=1", "/devices/a/b/positions?key=1", "/positionsx?key=1"]) {
    expect(sends.test(path)).toBe(false);
  }
  const mentions = matcher("mentionsKey");
  for (const query of ["key=1", "a=1&key=1", "%6bey=1", "%6B%65%79=1", "KEY=1"]) {
    expect(mentions.test(query)).toBe(true);
  }
  expect(mentions.test("limit=10")).toBe(false);
});

test("a route with another segment and letters that mean something in an expression is let through as it is", () => {
  const text = caddyfile([
    { path: "/a.b/{id}", access: "read" },
    { path: "/in/{id}/put+", access: "ingest" },
  ]);
  const known = matcher("elsewhere", text);
  expect(["/a.b/1", "/in/1/put+", "/"].filter((path) => !known.test(path))).toEqual([]);
  expect(["/axb/1", "/devices"].filter((path) => known.test(path))).toEqual([]);
  expect(matcher("sendsPositions", text).test("/in/1/put+?key=1")).toBe(true);
});
