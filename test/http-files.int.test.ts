import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, describe, expect, test } from "vitest";
import { type RunningServer, serve } from "../engines/server/http-server.ts";
import { signedRequests } from "../engines/server/signed-requests.ts";
import { filesApi } from "../infra/engine/files-api.ts";
import { fileVersion } from "../lib/adapters/folder/file-source.ts";
import { httpFileSource } from "../lib/adapters/http-files/file-source.ts";
import { NotFoundError, UnavailableError } from "../lib/core/errors.ts";
import { contentOf, fileSourceContract } from "./contracts/file-source.contract.ts";

const KEY = { accessKeyId: "FILES", secretAccessKey: "secret of the files" };
const root = mkdtempSync(join(tmpdir(), "backtrack-http-files-"));
const servers: RunningServer[] = [];
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
  rmSync(root, { recursive: true });
});
let folders = 0;

const make = async () => {
  const folder = join(root, String(++folders), "inbox");
  mkdirSync(folder, { recursive: true });
  const server = await serve(filesApi(folder), {
    guard: signedRequests({ keys: () => [KEY], serviceOf: () => "s3", clock: Date.now }),
  });
  servers.push(server);
  const location = `${server.endpoint}/files`;
  const filesAs = (key: typeof KEY) =>
    httpFileSource(location, { credentials: async () => key, region: "us-east-1" });
  const put = async (key: string, content: Uint8Array): Promise<string> => {
    const path = join(folder, key);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return fileVersion(statSync(path));
  };
  return { folder, server, files: filesAs(KEY), filesAs, put };
};

fileSourceContract("httpFileSource at an engine", make);

describe("an engine's files", () => {
  test("are for who has the access key", async () => {
    const { filesAs, put } = await make();
    const version = await put("a.csv", Buffer.from("a"));
    for (const stranger of [
      { ...KEY, secretAccessKey: "another" },
      { ...KEY, accessKeyId: "STRANGER" },
    ]) {
      await expect(filesAs(stranger).open({ key: "a.csv", version })).rejects.toBeInstanceOf(
        UnavailableError,
      );
    }
  });

  test("end at the folder: no path and no link leads out of it, and a folder is no file", async () => {
    const { folder, files, put, server } = await make();
    const secret = join(folder, "..", "secret.csv");
    writeFileSync(secret, "secret");
    const version = fileVersion(statSync(secret));
    symlinkSync(secret, join(folder, "link.csv"));
    symlinkSync(join(folder, ".."), join(folder, "up"));
    await put("inner/real.csv", Buffer.from("x"));
    for (const key of ["link.csv", "up/secret.csv", "inner"]) {
      await expect(files.open({ key, version }), key).rejects.toBeInstanceOf(NotFoundError);
    }
    for (const key of ["../secret.csv", "a/../../secret.csv", "..%2fsecret.csv", "a\0.csv", "a\\..\\b.csv"]) {
      await expect(files.open({ key, version }), key).rejects.toThrow();
    }
    // Without a client that tidies the path.
    const socket = connect(Number(new URL(server.endpoint).port), "127.0.0.1");
    socket.end(
      `GET /files/../secret.csv?version=${version} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`,
    );
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 403 /);
  });

  test("break off when the file does, and are never cut short without a word", async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { "content-length": 1_000_000 });
      response.write(Buffer.alloc(100_000));
      setImmediate(() => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const location = `http://127.0.0.1:${(server.address() as AddressInfo).port}/files`;
    const files = httpFileSource(location, { credentials: async () => KEY, region: "us-east-1" });
    const reading = files.open({ key: "a.csv", version: "1-1" }).then(contentOf);
    await expect(reading).rejects.toBeInstanceOf(UnavailableError);
    server.close();
    await expect(files.open({ key: "a.csv", version: "1-1" })).rejects.toBeInstanceOf(UnavailableError);
  });

  test("a stalled engine is given up", async () => {
    const server = createServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const location = `http://127.0.0.1:${(server.address() as AddressInfo).port}/files`;
    const options = { credentials: async () => KEY, region: "us-east-1", timeoutMilliseconds: 20 };
    const opening = httpFileSource(location, options).open({ key: "a.csv", version: "1-1" });
    await expect(opening).rejects.toBeInstanceOf(UnavailableError);
    server.closeAllConnections();
    server.close();
  });
});
