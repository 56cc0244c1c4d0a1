import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StackChoice } from "../../command/target.ts";
import { showPresence } from "./presence.ts";
import { findStack, registerStack } from "./registry.ts";
import type { StackAddress } from "./stack-file.ts";

let folder: string;
let path: string;
const closers: (() => unknown)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "backtrack-"));
  path = join(folder, "stack.json");
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  rmSync(folder, { recursive: true });
});

const run = async (port: number, dataFolder?: string) => {
  const { end, ...presence } = await showPresence();
  closers.push(end);
  const address = { apiUrl: `http://127.0.0.1:${port}`, dataFolder } as StackAddress;
  const { others, withdraw } = await registerStack(path, { processId: process.pid, presence, address });
  return { others: others.map(({ apiUrl }) => apiUrl), withdraw, end };
};
const find = async (choice?: StackChoice) => (await findStack(choice, path))?.apiUrl;

describe("finding 25: several stacks of one checkout", () => {
  test("one is found without a word", async () => {
    expect(await find()).toBeUndefined();
    await run(3000);
    expect(await find()).toBe("http://127.0.0.1:3000");
  });

  test("of two it must be said which, and the error lists them", async () => {
    await run(3000, "/data/one");
    expect((await run(3001)).others).toEqual(["http://127.0.0.1:3000"]);
    await expect(find()).rejects.toMatchObject({
      name: "CommandFailure",
      exitCode: 1,
      message:
        "2 stacks run here; choose one with --url: http://127.0.0.1:3000 (data folder /data/one), http://127.0.0.1:3001",
    });
  });

  test.each(["http://127.0.0.1:3001", "http://localhost:3001/", "localhost:3001", "3001"])(
    "--url %s chooses",
    async (url) => {
      await run(3000);
      await run(3001);
      expect(await find({ url })).toBe("http://127.0.0.1:3001");
    },
  );

  test("--data chooses, and an unknown one is refused with a list of those that run", async () => {
    await run(3000, "/data/one");
    await run(3001, "/data/two");
    expect(await find({ data: "/data/two/" })).toBe("http://127.0.0.1:3001");
    await expect(find({ url: "3002" })).rejects.toThrow(
      "no stack runs here at 3002; there are http://127.0.0.1:3000",
    );
  });

  test("one that has ended is not there, whether it could say so or not", async () => {
    const first = await run(3000);
    const second = await run(3001);
    first.withdraw();
    expect(await find()).toBe("http://127.0.0.1:3001");
    await second.end();
    expect(await find()).toBeUndefined();
    await expect(find({ url: "3001" })).rejects.toThrow("no stack runs here at 3001, nor any other");
  });
});
