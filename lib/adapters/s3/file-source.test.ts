import type { S3Client } from "@aws-sdk/client-s3";
import { afterEach, expect, test } from "vitest";
import { contentOf, fileSourceContract } from "../../../test/contracts/file-source.contract.ts";
import { etagOf, type S3Server, startS3Server } from "../../../test/s3-server.ts";
import { MisconfiguredError, NotFoundError, UnavailableError } from "../../core/errors.ts";
import { s3Client } from "./client.ts";
import { s3FileSource } from "./file-source.ts";
import { etagVersion } from "./object-version.ts";

const open: { server: S3Server; client: S3Client }[] = [];
afterEach(async () => {
  for (const { server, client } of open.splice(0)) {
    client.destroy();
    await server.close();
  }
});

const make = async () => {
  const server = await startS3Server("recordings");
  const client = s3Client({ endpoint: server.endpoint, forcePathStyle: true });
  open.push({ server, client });
  const put = async (key: string, content: Uint8Array) => server.put(key, content);
  return { server, client, files: s3FileSource(client, "recordings"), put };
};

fileSourceContract("s3FileSource", make);

test("an older version stays what it was", async () => {
  const { files, put } = await make();
  const before = await put("drive.csv", Buffer.from("one"));
  await put("drive.csv", Buffer.from("three"));
  const opened = await files.open({ key: "drive.csv", version: before });
  expect((await contentOf(opened)).toString()).toBe("one");
});

test("in a bucket without versions the content itself is the version", async () => {
  const { files, put } = await make();
  const [one, three] = [Buffer.from("one"), Buffer.from("three")];
  await put("drive.csv", one);
  const version = etagVersion(`"${etagOf(one)}"`);
  expect((await contentOf(await files.open({ key: "drive.csv", version }))).toString()).toBe("one");
  await put("drive.csv", three);
  await expect(files.open({ key: "drive.csv", version })).rejects.toBeInstanceOf(NotFoundError);
});

test("a body that breaks off is no whole file", async () => {
  const { server, files, put } = await make();
  const version = await put("drive.csv", new Uint8Array(200_000));
  server.breakOffAfter(100_000);
  const opened = await files.open({ key: "drive.csv", version });
  const reading = contentOf(opened);
  await expect(reading).rejects.toBeInstanceOf(UnavailableError);
  await expect(reading).rejects.toThrow(/reading drive\.csv .* of 200000 bytes/);
});

test("a bucket that is not there is a wrong deployment", async () => {
  const { client } = await make();
  const files = s3FileSource(client, "nowhere");
  await expect(files.open({ key: "a", version: "b" })).rejects.toBeInstanceOf(MisconfiguredError);
});
