import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { LocalCredentials } from "../../../engines/server/access-key.ts";
import { isPresent, type PresenceToken } from "./presence.ts";

/** The addresses of a running stack. */
export interface StackAddress {
  readonly apiUrl: string;
  readonly lambdaEndpoint: string;
  readonly kinesisEndpoint: string;
  readonly dynamodbEndpoint: string;
  readonly stepFunctionsEndpoint: string;
  readonly schedulerEndpoint: string;
  /** Required by every endpoint except the API; new at every start. */
  readonly credentials: LocalCredentials;
  /** Files that are put there are imported. */
  readonly inboxFolder: string;
  /** Records that were given up are stored there. */
  readonly failedRecordsFolder: string;
  /** Absent where nothing is kept. */
  readonly dataFolder?: string;
}

/** What a stack writes about itself into a file; `address` follows when it is ready. */
export interface StackFile {
  readonly processId: number;
  readonly presence: PresenceToken;
  readonly address?: StackAddress;
}

/** What the file says, if the stack that wrote it still runs. */
export const readStackFile = async (path: string): Promise<StackFile | undefined> => {
  const content = parse(path);
  return content && (await isPresent(content.presence)) ? content : undefined;
};

/** Writes the file atomically: no reader sees half of it, and no other user any of it. */
export const writeStackFile = (path: string, content: StackFile): void => {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${content.presence.token}`;
  writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, path);
};

/** Removes the file, unless another stack has written it since. */
export const removeStackFile = (path: string, { token }: PresenceToken): void => {
  if (parse(path)?.presence.token === token) rmSync(path, { force: true });
};

const parse = (path: string): StackFile | undefined => {
  try {
    const content = JSON.parse(readFileSync(path, "utf8"));
    return typeof content?.presence?.port === "number" ? content : undefined;
  } catch {
    return undefined;
  }
};
