import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { showPresence } from "./presence.ts";
import { makeTemporaryFolder, sweepTemporaryFolders } from "./temporary-folder.ts";

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "backtrack-"));
});
afterEach(() => rmSync(parent, { recursive: true }));

describe("finding 24: what a killed stack left in the temporary directory", () => {
  test("goes at the next start, whole; a stack that runs keeps its own", async () => {
    const [killed, running] = [await showPresence(), await showPresence()];
    const left = makeTemporaryFolder(killed, parent);
    mkdirSync(join(left.path, "dynamodb"));
    writeFileSync(join(left.path, "dynamodb", "000001.log"), "positions");
    const kept = makeTemporaryFolder(running, parent);
    await killed.end();

    await sweepTemporaryFolders(parent);
    expect(existsSync(left.path)).toBe(false);
    expect(existsSync(kept.path)).toBe(true);

    kept.release();
    expect(readdirSync(parent)).toEqual([]);
    await running.end();
  });

  test("goes also when another stack has got its port", async () => {
    const other = await showPresence();
    makeTemporaryFolder({ port: other.port, token: "00000000-0000-0000-0000-000000000000" }, parent);
    await sweepTemporaryFolders(parent);
    expect(readdirSync(parent)).toEqual([]);
    await other.end();
  });

  test("stays while its owner may only be too busy to answer", async () => {
    const silent = createServer(() => {});
    await new Promise<void>((listening) => silent.listen(0, "127.0.0.1", listening));
    const { port } = silent.address() as AddressInfo;
    const busy = makeTemporaryFolder({ port, token: "00000000-0000-0000-0000-000000000000" }, parent);
    await sweepTemporaryFolders(parent);
    expect(existsSync(busy.path)).toBe(true);
    silent.close();
  });

  test("nothing else is touched, whatever it is called", async () => {
    const others = ["backtrack-stack-1", "backtrack-stack-99999-x", "backtrack-data-abc123", "notes.txt"];
    for (const name of others) writeFileSync(join(parent, name), "");
    await sweepTemporaryFolders(parent);
    expect(readdirSync(parent).sort()).toEqual([...others].sort());
  });
});
