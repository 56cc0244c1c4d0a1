import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { fileSourceContract } from "../../../test/contracts/file-source.contract.ts";
import { NotFoundError } from "../../core/errors.ts";
import { fileVersion, folderFileSource } from "./file-source.ts";

const root = mkdtempSync(join(tmpdir(), "backtrack-files-"));
afterAll(() => rmSync(root, { recursive: true }));
let folders = 0;

const make = () => {
  const folder = join(root, String(++folders), "inbox");
  mkdirSync(folder, { recursive: true });
  const put = async (key: string, content: Uint8Array): Promise<string> => {
    const path = join(folder, key);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return fileVersion(statSync(path));
  };
  return { folder, files: folderFileSource(folder), put };
};

fileSourceContract("folderFileSource", async () => make());

test("reads nothing outside its folder, and no folder", async () => {
  const { files, put } = make();
  const version = await put("../secret.csv", Buffer.from("secret"));
  for (const key of ["../secret.csv", "a/../../secret.csv", "/etc/hostname", "."]) {
    await expect(files.open({ key, version })).rejects.toBeInstanceOf(NotFoundError);
  }
});

test("a file that was changed since is another version", async () => {
  const { files, put } = make();
  const before = await put("drive.csv", Buffer.from("one"));
  const after = await put("drive.csv", Buffer.from("three"));
  await expect(files.open({ key: "drive.csv", version: before })).rejects.toBeInstanceOf(NotFoundError);
  await expect(files.open({ key: "drive.csv", version: after })).resolves.toMatchObject({ sizeBytes: 5 });
});
