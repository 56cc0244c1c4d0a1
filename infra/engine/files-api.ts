import { realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { refusalOf } from "../../engines/server/guard.ts";
import type { Answer, EngineResponse } from "../../engines/server/http-server.ts";
import { folderFileSource } from "../../lib/adapters/folder/file-source.ts";
import { NotFoundError } from "../../lib/core/errors.ts";

/** In front of a file's key, in its address. */
export const FILES_PATH = "/files/";

/**
 * Serves the files of a folder: `GET /files/<key>?version=<version>`, with the version that the event of the
 * file names. A file that is missing, or is another version by now, is 404. Nothing outside the folder, and
 * no link out of it, is a file of it.
 */
export const filesApi = (folder: string): Answer => {
  const files = folderFileSource(folder);
  return async ({ method, url }) => {
    const [path, query = ""] = url.split("?", 2);
    if (method !== "GET") return refusalOf(405, "MethodNotAllowed", `${method} is not served; GET is`);
    const key = keyIn(path.slice(FILES_PATH.length));
    const parameters = new URLSearchParams(query);
    const version = parameters.get("version");
    if (key === undefined) return refusalOf(400, "InvalidURI", "The path must be /files/ and a file's key");
    if (!version)
      return refusalOf(400, "InvalidRequest", "version must be given, as the file's event has it");
    try {
      if (!(await isInside(folder, key))) return notFound;
      const { sizeBytes, chunks } = await files.open({ key, version });
      const headers = { "content-type": "application/octet-stream", "content-length": sizeBytes };
      return { status: 200, headers, body: chunks };
    } catch (error) {
      if (error instanceof NotFoundError) return notFound;
      throw error;
    }
  };
};

/** A link may lead out of the folder; what it leads to is no file of it. */
const isInside = async (folder: string, key: string): Promise<boolean> => {
  try {
    const [root, path] = await Promise.all([realpath(folder), realpath(join(folder, key))]);
    return path.startsWith(root + sep);
  } catch {
    return false;
  }
};

const notFound: EngineResponse = refusalOf(404, "NoSuchKey", "There is no such file in this version");

/** Undefined for what can't be a key: a part that is empty or dots alone, or that can't be decoded. */
const keyIn = (path: string): string | undefined => {
  const parts = path.split("/").map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return "";
    }
  });
  const isKey = parts.every((part) => part !== "" && !/^\.+$|[/\\\0]/.test(part));
  return isKey ? parts.join("/") : undefined;
};
