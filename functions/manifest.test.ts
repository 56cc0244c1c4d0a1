import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { BUCKETS } from "../lib/resources/bucket.ts";
import { SCHEDULE_GROUPS } from "../lib/resources/schedule-group.ts";
import { WORKFLOWS } from "../lib/resources/workflow.ts";
import { functionArnPlaceholder, workflowsOf } from "../lib/runtime/definition.ts";
import { folderOf, MANIFEST, ROOMS, SELF_HOSTED } from "./manifest.ts";

const ROOT = resolve(import.meta.dirname, "..");
const foldersIn = (path: string): string[] =>
  readdirSync(join(ROOT, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
const names = [...MANIFEST, ...SELF_HOSTED].map(({ name }) => name);

test("the manifest lists every room, and every room its folders, once, under their own names", () => {
  expect(ROOMS.map(({ name }) => name).sort()).toEqual(foldersIn("functions").sort());
  for (const { name: room, functions, selfHosted = [] } of ROOMS) {
    expect([...functions, ...selfHosted].map(({ name }) => name).sort()).toEqual(
      foldersIn(join("functions", room)).sort(),
    );
  }
  expect(new Set(names).size).toBe(names.length);
});

test("a name that no room has is refused", () => {
  expect(() => folderOf("fly-to-the-moon")).toThrow("no room has a function fly-to-the-moon");
});

test.each(names)("%s has a definition, a handler, a test of it and sample events", (name) => {
  for (const file of ["definition.ts", "handler.ts", "handler.test.ts"]) {
    expect(existsSync(join(ROOT, folderOf(name), file)), file).toBe(true);
  }
  const events = readdirSync(join(ROOT, "events", name)).filter((file) => file.endsWith(".json"));
  expect(events.length).toBeGreaterThan(0);
  for (const file of events) JSON.parse(readFileSync(join(ROOT, "events", name, file), "utf8"));
});

test("every folder of events/ belongs to a function", () => {
  expect(foldersIn("events").filter((folder) => !names.includes(folder))).toEqual([]);
});

test.each(MANIFEST)("finding 12: $name says whether it reports damage", ({ name, reportsDamage }) => {
  const handler = readFileSync(join(ROOT, folderOf(name), "handler.ts"), "utf8");
  const reported = /\bstateDamageReporter\(/.test(handler)
    ? "states"
    : /\bdamageReporter\(/.test(handler)
      ? "segments"
      : undefined;
  expect(reportsDamage).toBe(reported);
});

test("no two functions serve the same route", () => {
  const routes = MANIFEST.flatMap((definition) =>
    (definition.routes ?? []).map(({ method, path }) => `${method} ${path.replace(/\{\w+\}/g, "{}")}`),
  );
  expect(routes.filter((route, index) => routes.indexOf(route) !== index)).toEqual([]);
});

test.each(WORKFLOWS)("workflow %s calls exactly the functions that say they are its tasks", (workflow) => {
  const text = readFileSync(join(ROOT, "workflows", `${workflow}.asl.json`), "utf8");
  const placeholders = new Set([...text.matchAll(/\$\{(\w+)\}/g)].map(([, placeholder]) => placeholder));
  const tasks = MANIFEST.filter((definition) => workflowsOf(definition).includes(workflow)).map(({ name }) =>
    functionArnPlaceholder(name),
  );
  expect([...placeholders].sort()).toEqual(tasks.sort());
});

test.each(WORKFLOWS)("workflow %s belongs to one room, and one of its tasks is there", (workflow) => {
  const [room, ...others] = ROOMS.filter(({ workflows }) => workflows?.includes(workflow));
  expect(others).toEqual([]);
  expect(room?.functions.some((definition) => workflowsOf(definition).includes(workflow))).toBe(true);
});

test.each(SCHEDULE_GROUPS)("the schedules of %s start one function", (group) => {
  expect(MANIFEST.filter(({ schedule }) => schedule === group)).toHaveLength(1);
});

test.each(BUCKETS)("a file in the bucket %s starts one function", (name) => {
  expect(MANIFEST.filter(({ bucket }) => bucket === name)).toHaveLength(1);
});

test("every function is started by something", () => {
  const idle = MANIFEST.filter(
    ({ routes, stream, schedule, bucket, taskOf }) =>
      !routes?.length && !stream && !schedule && !bucket && !taskOf,
  );
  expect(idle.map(({ name }) => name)).toEqual([]);
});
