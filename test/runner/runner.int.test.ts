import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { isRunning, observe, processTree, ROOT, until } from "../stack-process.ts";

/* Runs vitest as `npm test` does, on a few small files. */

const CONFIG = join(import.meta.dirname, "fixtures/vitest.config.ts");
const start = (...files: string[]) => {
  const { BACKTRACK_TEST_ROOT: _root, ...env } = process.env;
  const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
  return observe(
    spawn(process.execPath, [vitest, "run", "--config", CONFIG, ...files], {
      cwd: ROOT,
      env: { ...env, NO_COLOR: "1", FORCE_COLOR: undefined },
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
};
const run = async (...files: string[]) => {
  const command = start(...files);
  const { code } = await command.ended(100_000);
  return { code, stdout: command.stdout(), stderr: command.stderr() };
};

describe("finding 24: a run of the tests", () => {
  test("is silent when green, and ends with the skipped tests, their reasons, and one line of figures", async () => {
    const { code, stdout, stderr } = await run("green");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.trim().split("\n")).toEqual([
      "skipped, nobody has a drive:",
      "  green.fixture.ts > a group that needs something > is skipped",
      "1 passed, 0 failed, 1 skipped",
    ]);
  });

  test("prints a whole failure, kills what it left, and fails no other file for it", async () => {
    const { code, stdout, stderr } = await run("red", "next");
    const all = stdout + stderr;
    expect(code).toBe(1);
    expect(all).toContain("expected 'left' to be 'right'");
    expect(all).toContain("what the failing test had printed");
    expect(all).toContain("processes left running");
    expect(all).not.toContain("next.fixture");
    // One for the test, one for the file that left something.
    expect(stdout.trim().split("\n").at(-1)).toBe("1 passed, 2 failed, 0 skipped");
  });

  test.each(["SIGKILL", "SIGINT"] as const)(
    "that %s ends in the middle leaves no process, and at most its files, which the next run sweeps",
    async (signal) => {
      const vitest = start("hang");
      const line = await until(vitest.stdout, (text) => /started \d+ /.test(text), { deadlineMs: 100_000 });
      const [, folder] = /started \d+ (\S+)/.exec(line) ?? [];
      const tree = processTree((vitest.child as ChildProcess).pid ?? 0);
      expect(tree.length).toBeGreaterThan(2);
      vitest.child.kill(signal);
      await vitest.ended();
      await until(
        () => tree.filter(isRunning),
        (left) => left.length === 0,
        { deadlineMs: 30_000 },
      );
      await run("green");
      expect(existsSync(dirname(folder))).toBe(false);
    },
  );
});
