import { fileURLToPath } from "node:url";
import type { FileSource } from "../core/files/file-source.ts";
import { folderFileSource } from "./folder/file-source.ts";
import { s3Client } from "./s3/client.ts";
import { s3FileSource } from "./s3/file-source.ts";

/** The files of a bucket, by its name, or of a folder, by its file: URL. */
export const fileSourceAt = (location: string): FileSource =>
  location.startsWith("file:")
    ? folderFileSource(fileURLToPath(location))
    : s3FileSource(s3Client(), location);
