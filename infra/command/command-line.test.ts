import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

/** Runs a command that goes on while something is thrown behind its back. */
const runWith = (thrown: string) => {
  const script = `
    import { runCommand } from ${JSON.stringify(new URL("./command-line.ts", import.meta.url).href)};
    await runCommand(() => new Promise((resolve) => {
      setTimeout(resolve, 10_000);
      setTimeout(() => { throw ${thrown}; });
    }));`;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    encoding: "utf8",
  });
  return { status, stderr };
};

test.each([
  [
    "OpenError",
    "Corruption: 3 missing files",
    "the data folder can't be opened: Corruption: 3 missing files",
  ],
  ["ReadError", "IO error: Input/output error", "the data folder: its disk can't be read or written"],
  [
    "ReadError",
    "IO error: /data/a.ldb: Input/output error",
    "/data/a.ldb: its disk can't be read or written",
  ],
  [
    "WriteError",
    "IO error: No space left on device",
    "the data folder: its disk is full; make room there and start again: nothing that was acknowledged is lost",
  ],
])(
  "a data folder that fails behind the command's back (%s: %s) ends it with one line",
  (name, message, told) => {
    const thrown = `Object.assign(new Error(${JSON.stringify(message)}), { name: ${JSON.stringify(name)} })`;
    expect(runWith(thrown)).toEqual({ status: 1, stderr: `backtrack: ${told}\n` });
  },
);

test("a mistake of ours shows its stack", () => {
  const { status, stderr } = runWith('new TypeError("x is not a function")');
  expect(status).toBe(1);
  expect(stderr).toContain("backtrack: unexpected failure: TypeError: x is not a function\n    at ");
});
