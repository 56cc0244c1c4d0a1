import { fileURLToPath } from "node:url";
import type { FileSource } from "../core/files/file-source.ts";
import { accessKeyReader } from "./access-key.ts";
import { folderFileSource } from "./folder/file-source.ts";
import { httpFileSource } from "./http-files/file-source.ts";
import { s3Client } from "./s3/client.ts";
import { s3FileSource } from "./s3/file-source.ts";

/**
 * The files of a bucket, by its name; of a folder, by its file: URL; or of an engine's inbox, by its http: or
 * https: URL.
 */
export const fileSourceAt = (location: string): FileSource => {
  if (location.startsWith("file:")) return folderFileSource(fileURLToPath(location));
  if (!/^https?:/.test(location)) return s3FileSource(s3Client(), location);
  const { AWS_REGION: region = "us-east-1" } = process.env;
  return httpFileSource(location, { credentials: accessKeyReader(), region });
};
