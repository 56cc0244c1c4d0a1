import { readFileSync } from "node:fs";
import {
  type ChangingSecret,
  type ChangingSecretOptions,
  changingSecret,
} from "../secrets/changing-secret.ts";
import { secretsFolder } from "../secrets/secret-file.ts";

/*
 * The access key of a self-hosted store: two secrets, or the file that AWS_SHARED_CREDENTIALS_FILE names. The
 * SDK would read such a file once and keep what it said until the process ends; here a key that was changed
 * is used within a second.
 */

export const ACCESS_KEY_ID_SECRET = "backtrack-access-key-id";
export const SECRET_ACCESS_KEY_SECRET = "backtrack-secret-access-key";

export interface StoredCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** Always soon, so that the SDK asks at every request. */
  readonly expiration: Date;
}

type Provider = () => Promise<StoredCredentials>;

/**
 * The setting `credentials` of an SDK client where the key is in files; nothing where it is not, as on AWS
 * and on a laptop: then the SDK looks where it always does. What AWS_ACCESS_KEY_ID says comes first. Raises
 * an Error that names the secret if one of the two is missing.
 */
export const storedCredentials = (
  variables: Readonly<Record<string, string | undefined>> = process.env,
  options?: ChangingSecretOptions,
): { readonly credentials?: Provider } => {
  if (variables.AWS_ACCESS_KEY_ID) return {};
  const folder = secretsFolder(variables);
  const id = changingSecret(folder, ACCESS_KEY_ID_SECRET, options);
  const secret = changingSecret(folder, SECRET_ACCESS_KEY_SECRET, options);
  if (id.current() !== undefined || secret.current() !== undefined) {
    read(id, ACCESS_KEY_ID_SECRET, folder);
    read(secret, SECRET_ACCESS_KEY_SECRET, folder);
    return {
      credentials: async () => ({
        accessKeyId: read(id, ACCESS_KEY_ID_SECRET, folder),
        secretAccessKey: read(secret, SECRET_ACCESS_KEY_SECRET, folder),
        expiration: new Date(),
      }),
    };
  }
  const path = variables.AWS_SHARED_CREDENTIALS_FILE;
  return path ? fromSharedFile(path, variables.AWS_PROFILE || "default", options) : {};
};

const read = (secret: ChangingSecret, name: string, folder: string): string => {
  const text = secret.current();
  if (text === undefined) throw new Error(`secret ${name} is missing in ${folder}`);
  return text;
};

/** Only for a profile with a key of its own; roles and single sign-on are the SDK's. */
const fromSharedFile = (
  path: string,
  profile: string,
  options: ChangingSecretOptions = {},
): { readonly credentials?: Provider } => {
  const file = changingSecret(path, profile, { read: readProfile, ...options });
  if (keyIn(file.current()) === undefined) return {};
  return {
    credentials: async () => {
      const key = keyIn(file.current());
      if (!key) throw new Error(`${path}: profile ${profile} has no access key any more`);
      return { ...key, expiration: new Date() };
    },
  };
};

const keyIn = (section: string | undefined): Omit<StoredCredentials, "expiration"> | undefined => {
  const values = new Map(
    section?.split(/\r?\n/).map((line): [string, string] => {
      const [name, ...value] = line.split("=");
      return [name.trim().toLowerCase(), value.join("=").trim()];
    }),
  );
  const accessKeyId = values.get("aws_access_key_id");
  const secretAccessKey = values.get("aws_secret_access_key");
  const sessionToken = values.get("aws_session_token");
  if (!accessKeyId || !secretAccessKey) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
};

/** The lines of one profile; undefined if the file or the profile is missing. */
const readProfile = (path: string, profile: string): string | undefined => {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new Error(`AWS_SHARED_CREDENTIALS_FILE ${path} can't be read: ${code}`, { cause: error });
  }
  const sections = text.split(/^[ \t]*\[/m).slice(1);
  const section = sections.find((each) => each.slice(0, each.indexOf("]")).trim() === profile);
  return section?.slice(section.indexOf("]") + 1).trim() || undefined;
};
