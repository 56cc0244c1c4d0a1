import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { platform, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { unless } from "../../test/unless.ts";
import { holdDataFolder } from "../local/stack/data-folder.ts";
import { openFolder } from "../local/stack/own-folder.ts";
import { diskFailure } from "./disk-failure.ts";
import { makeFolder } from "./make-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "backtrack-"));
afterAll(() => rmSync(folder, { recursive: true }));

const PRESENCE = { port: 1, token: "t" };
const systemError = (code: string, more: object = {}) =>
  Object.assign(new Error(`${code}: something, write`), { code, syscall: "write", ...more });

describe("finding 25: folders and disks that can't be used", () => {
  test("a folder is made with all that it is in, and making it again is no error", () => {
    const path = join(folder, "a", "b", "c");
    makeFolder(path);
    makeFolder(path);
    expect(existsSync(path)).toBe(true);
  });

  test(
    "a folder where the system makes none is said at once",
    unless(platform() === "linux" ? undefined : "there is no /proc here"),
    async () => {
      const refused = { name: "CommandFailure", exitCode: 1 };
      await expect(holdDataFolder("/proc/x/y", PRESENCE)).rejects.toMatchObject({
        ...refused,
        message: "data folder /proc/x/y can't be used: nothing can be made there",
      });
      expect(() => openFolder("inbox", "/proc/x")).toThrow(
        "inbox /proc/x can't be used: nothing can be made there",
      );
    },
  );

  test("so is a file in place of a folder, or in the middle of its path", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    await expect(holdDataFolder(file, PRESENCE)).rejects.toThrow("can't be used: it is a file");
    await expect(holdDataFolder(join(file, "data"), PRESENCE)).rejects.toThrow(/is a file/);
  });

  test.each([
    [
      "by its code",
      systemError("ENOSPC", { path: "/data/stack.json" }),
      "/data/stack.json: its disk is full",
    ],
    ["without a path", systemError("ENOSPC"), "the data folder: its disk is full"],
    [
      "in LevelDB's words",
      Object.assign(new Error("IO error: /data/kinesis/000005.log: No space left on device"), {
        name: "WriteError",
      }),
      "/data/kinesis/000005.log: its disk is full",
    ],
    [
      "as the cause of another error",
      new Error("could not save", { cause: systemError("EROFS", { path: "/data" }) }),
      "/data: it is on a read-only disk",
    ],
  ])("a disk that fails while the stack runs is named, with what to do: %s", (_, error, beginning) => {
    expect(diskFailure(error)).toMatch(beginning);
  });

  test("an error that is not about a disk is not reported as one", () => {
    expect(diskFailure(new Error("no"))).toBeUndefined();
    expect(diskFailure(systemError("EACCES", { syscall: "listen" }))).toBeUndefined();
    expect(diskFailure(systemError("ENOENT", { path: "/data/x" }))).toBeUndefined();
  });
});
