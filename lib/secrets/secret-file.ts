import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/*
 * Secrets of a self-hosted process: files in one folder, as OpenFaaS, faasd and Kubernetes mount them.
 * Knative mounts a folder for each secret instead, with the file inside. They are changed while the process
 * runs, so they are read again; not by watching, because Kubernetes swaps a symbolic link in place of the
 * folder.
 */

/** Where OpenFaaS puts them. */
export const DEFAULT_SECRETS_FOLDER = "/var/openfaas/secrets";

/** The folder that SECRETS_FOLDER names, or OpenFaaS's. */
export const secretsFolder = (
  variables: Readonly<Record<string, string | undefined>> = process.env,
): string => variables.SECRETS_FOLDER || DEFAULT_SECRETS_FOLDER;

/** More than any secret has. */
const MAXIMUM_BYTES = 65_536;

/**
 * A secret's text without the white space around it; undefined when it is missing or empty. Raises an Error
 * that names the file, and never quotes it, when it can't be read.
 */
export const readSecret = (folder: string, name: string): string | undefined => {
  const path = join(folder, name);
  try {
    const found = statSync(path);
    const file = found.isDirectory() ? fileIn(path, name) : path;
    if (file === undefined) return undefined;
    const { size } = file === path ? found : statSync(file);
    if (size > MAXIMUM_BYTES) throw new Error(`it has ${size} bytes, and a secret at most ${MAXIMUM_BYTES}`);
    return readFileSync(file, "utf8").trim() || undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new Error(`secret ${path} can't be read: ${code ?? message}`, { cause: error });
  }
};

/**
 * The file of a secret that is a folder: the one of the same name, or the only one. Names that begin with a
 * dot are Kubernetes' own.
 */
const fileIn = (folder: string, name: string): string | undefined => {
  const names = readdirSync(folder).filter((each) => !each.startsWith("."));
  if (names.includes(name)) return join(folder, name);
  return names.length === 1 ? join(folder, names[0]) : undefined;
};
