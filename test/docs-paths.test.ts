import { existsSync, globSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

/*
 * Every path and every relative link in the documentation leads somewhere. CHANGELOG.md is left out: it names
 * files as they were.
 */

const ROOT = resolve(import.meta.dirname, "..");
const FOLDERS = [
  "bench",
  "docs",
  "engines",
  "events",
  "functions",
  "hosts",
  "infra",
  "lib",
  "test",
  "workflows",
];
const DOCUMENTS = ["README.md", "CONTRIBUTING.md", ...globSync("docs/**/*.md", { cwd: ROOT })];

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const withoutFences = (markdown: string) => markdown.replace(/^ *```.*?^ *```/gms, "");

const fileNames = new Set([
  ...readdirSync(ROOT),
  ...FOLDERS.flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })).map(
    (path) => basename(path),
  ),
]);

/** GitHub's anchor of a heading. */
const anchorOf = (heading: string) =>
  heading
    .trim()
    .toLowerCase()
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

const anchorsOf = (path: string) =>
  [...withoutFences(read(path)).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading ?? ""));

const leadsSomewhere = (document: string, link: string) => {
  const [path = "", anchor] = decodeURI(link).split("#");
  const target = path === "" ? document : relative(ROOT, resolve(ROOT, dirname(document), path));
  if (!existsSync(join(ROOT, target))) return false;
  return (
    anchor === undefined || statSync(join(ROOT, target)).isDirectory() || anchorsOf(target).includes(anchor)
  );
};

const brokenLinks = (document: string) =>
  [...withoutFences(read(document)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link ?? "")
    .filter((link) => !/^[a-z]+:/.test(link) && !leadsSomewhere(document, link));

/** Whether text in backticks is a path in this project: from the root, or just a source file's name. */
const isPath = (text: string) =>
  /^[\w@./{},*<>-]+$/.test(text) &&
  ((/\.(ts|md)$/.test(text) && !/^[.*{]/.test(text)) ||
    FOLDERS.some((folder) => text.startsWith(`${folder}/`)));

const pathExists = (path: string) =>
  path.includes("/")
    ? globSync(path.replace(/<[^>]*>/g, "*"), { cwd: ROOT }).length > 0
    : fileNames.has(path);

const missingPaths = (document: string) =>
  [...withoutFences(read(document)).matchAll(/`([^`\n]+)`/g)]
    .map(([, text]) => text ?? "")
    .filter((text) => isPath(text) && !pathExists(text));

const scripts = Object.keys(JSON.parse(read("package.json")).scripts);

const missingScripts = (document: string) =>
  [...read(document).matchAll(/\bnpm run (?:-\S+ )*([\w:-]+)/g)]
    .map(([, script]) => script ?? "")
    .filter((script) => !scripts.includes(script));

test.each(DOCUMENTS)("%s names only paths, links and npm scripts that exist", (document) => {
  const found = {
    links: brokenLinks(document),
    paths: missingPaths(document),
    scripts: missingScripts(document),
  };
  expect(found).toEqual({ links: [], paths: [], scripts: [] });
});

test("a path that does not exist is found", () => {
  expect(isPath("lib/core/errors.ts") && pathExists("lib/core/errors.ts")).toBe(true);
  expect(
    isPath("functions/<room>/<verb-noun>/handler.ts") &&
      pathExists("functions/<room>/<verb-noun>/handler.ts"),
  ).toBe(true);
  expect(isPath("lib/nowhere/errors.ts") && !pathExists("lib/nowhere/errors.ts")).toBe(true);
  expect(leadsSomewhere("docs/aws.md", "access.md#the-first-key")).toBe(true);
  expect(leadsSomewhere("docs/aws.md", "access.md#no-such-heading")).toBe(false);
  expect(leadsSomewhere("docs/aws.md", "nowhere.md")).toBe(false);
});
