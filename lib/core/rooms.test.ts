import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";

const CORE = import.meta.dirname;

/** Which rooms (folders) of the core each of them imports; tests import what they like. */
const imports = (): Map<string, Set<string>> => {
  const found = new Map<string, Set<string>>();
  for (const file of globSync("*/*.ts", { cwd: CORE })) {
    if (file.endsWith(".test.ts")) continue;
    const room = dirname(file);
    const others = found.get(room) ?? new Set<string>();
    found.set(room, others);
    for (const [, path] of readFileSync(join(CORE, file), "utf8").matchAll(/\bfrom "(\.[^"]+)"/g)) {
      const other = dirname(normalize(join(room, path)));
      if (other !== room && other !== ".") others.add(other);
    }
  }
  return found;
};

const reachable = (from: string, edges: ReadonlyMap<string, ReadonlySet<string>>): Set<string> => {
  const seen = new Set<string>();
  const open = [from];
  for (let room = open.pop(); room !== undefined; room = open.pop()) {
    for (const next of edges.get(room) ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(next);
    }
  }
  return seen;
};

// dependency-cruiser finds circles of files; two rooms may make one without any.
test("of two rooms of the core at most one knows the other", () => {
  const edges = imports();
  expect(edges.get("device")).toContain("segment");
  expect([...edges.keys()].filter((room) => reachable(room, edges).has(room))).toEqual([]);
});
