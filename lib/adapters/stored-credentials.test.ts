import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dynamoClient } from "./dynamodb/client.ts";
import { storedCredentials } from "./stored-credentials.ts";

let folder: string;
let server: Server | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "credentials-"));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

const put = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const putKey = (id: string, secret: string): void => {
  put("backtrack-access-key-id", id);
  put("backtrack-secret-access-key", secret);
};

test("without files the SDK looks where it always does, and what the environment says comes first", () => {
  expect(storedCredentials({ SECRETS_FOLDER: folder })).toEqual({});
  expect(storedCredentials({ AWS_SHARED_CREDENTIALS_FILE: join(folder, "nowhere") })).toEqual({});
  putKey("AKIAFILE", "secret");
  expect(storedCredentials({ SECRETS_FOLDER: folder, AWS_ACCESS_KEY_ID: "AKIAENV" })).toEqual({});
});

test("half a key is an error that names the other half", () => {
  put("backtrack-access-key-id", "AKIAFILE");
  expect(() => storedCredentials({ SECRETS_FOLDER: folder })).toThrow(
    `secret backtrack-secret-access-key is missing in ${folder}`,
  );
});

test("a shared file's profile is read, and again after a change; a profile without a key is the SDK's", async () => {
  const path = join(folder, "credentials");
  const variables = { AWS_SHARED_CREDENTIALS_FILE: path, SECRETS_FOLDER: join(folder, "none") };
  const file = (id: string) =>
    `[other]\naws_access_key_id=AKIAOTHER\n\n[default]\naws_access_key_id = ${id}\naws_secret_access_key = a=b\n`;
  writeFileSync(path, file("AKIAONE"));
  let nowMs = 0;
  const { credentials } = storedCredentials(variables, { monotonicMs: () => nowMs });
  expect(await credentials?.()).toMatchObject({ accessKeyId: "AKIAONE", secretAccessKey: "a=b" });
  writeFileSync(path, file("AKIATWO"));
  nowMs = 1_000;
  expect(await credentials?.()).toMatchObject({ accessKeyId: "AKIATWO" });
  expect(storedCredentials({ ...variables, AWS_PROFILE: "other" })).toEqual({});
});

test("a client signs with the key that is in the files now", async () => {
  const seen: string[] = [];
  server = createServer((request, response) => {
    seen.push(/Credential=([^/]+)/.exec(request.headers.authorization ?? "")?.[1] ?? "none");
    request.resume();
    response.setHeader("content-type", "application/x-amz-json-1.0").end('{"TableNames":[]}');
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let nowMs = 0;
  putKey("AKIAONE", "one");
  const stored = storedCredentials({ SECRETS_FOLDER: folder }, { monotonicMs: () => nowMs });
  const client = dynamoClient({ endpoint, region: "us-east-1", ...stored });
  await client.send(new ListTablesCommand({}));
  putKey("AKIATWO", "two");
  nowMs = 1_000;
  await client.send(new ListTablesCommand({}));
  client.destroy();
  expect(seen).toEqual(["AKIAONE", "AKIATWO"]);
});
