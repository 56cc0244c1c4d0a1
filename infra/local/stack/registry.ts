import { readdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { failure } from "../../command/failure.ts";
import type { StackChoice } from "../../command/target.ts";
import {
  readStackFile,
  removeStackFile,
  type StackAddress,
  type StackFile,
  writeStackFile,
} from "./stack-file.ts";

/**
 * The file by which `npm run tail`, `invoke`, `keys` and `redrive` find the running stack; a second stack
 * writes one beside it. BACKTRACK_STACK_FILE names another file, for stacks that must not see each other.
 */
export const registryPath = (): string =>
  process.env.BACKTRACK_STACK_FILE ?? resolve(import.meta.dirname, "../../../.backtrack/stack.json");

/** All stacks that are ready, in the order in which they started. */
const runningStacks = async (path: string): Promise<StackAddress[]> => {
  const stem = basename(path, ".json");
  const isOne = (name: string): boolean =>
    name === `${stem}.json` || (name.startsWith(`${stem}-`) && name.endsWith(".json"));
  const names = entriesOf(dirname(path))
    .filter(isOne)
    .sort((one, other) => one.length - other.length);
  const files = await Promise.all(names.map((name) => readStackFile(join(dirname(path), name))));
  return files.flatMap((file) => file?.address ?? []);
};

const entriesOf = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

/** Lets other processes find a stack; returns how to withdraw it, and which stacks are already there. */
export const registerStack = async (
  path: string,
  content: StackFile & { readonly address: StackAddress },
): Promise<{ readonly others: readonly StackAddress[]; withdraw(): void }> => {
  const others = await runningStacks(path);
  const isFree = (await readStackFile(path))?.address === undefined;
  const { port } = new URL(content.address.apiUrl);
  const own = isFree ? path : join(dirname(path), `${basename(path, ".json")}-${port}.json`);
  writeStackFile(own, content);
  return { others, withdraw: () => removeStackFile(own, content.presence) };
};

const described = ({ apiUrl, dataFolder }: StackAddress): string =>
  dataFolder === undefined ? apiUrl : `${apiUrl} (data folder ${dataFolder})`;

const listed = (stacks: readonly StackAddress[]): string => stacks.map(described).join(", ");

/**
 * The chosen stack, if any runs. Raises a CommandFailure that lists the running stacks if none or several
 * match.
 */
export const findStack = async (
  { url, data }: StackChoice = {},
  path = registryPath(),
): Promise<StackAddress | undefined> => {
  const stacks = await runningStacks(path);
  const chosen = stacks.filter(
    ({ apiUrl, dataFolder }) =>
      (url === undefined || originOf(url) === originOf(apiUrl)) &&
      (data === undefined || (dataFolder !== undefined && resolve(data) === resolve(dataFolder))),
  );
  const asked = [url && `at ${url}`, data && `with data folder ${resolve(data)}`].filter(Boolean).join(" ");
  if (chosen.length === 0 && asked !== "") {
    throw failure(
      stacks.length === 0
        ? `no stack runs here ${asked}, nor any other`
        : `no stack runs here ${asked}; there are ${listed(stacks)}`,
    );
  }
  if (chosen.length > 1) {
    throw failure(`${chosen.length} stacks run here; choose one with --url: ${listed(chosen)}`);
  }
  return chosen[0];
};

/**
 * As people write it: with or without the scheme and a final slash, localhost or 127.0.0.1, or just the port.
 */
const originOf = (url: string): string => {
  const whole = /^\d+$/.test(url) ? `127.0.0.1:${url}` : url;
  try {
    const { host, port } = new URL(whole.includes("://") ? whole : `http://${whole}`);
    return host.replace(/^(localhost|\[::1\])(:|$)/, "127.0.0.1$2") || port;
  } catch {
    return url;
  }
};

/** The running stack; a CommandFailure says how to start one, or how to choose. */
export const requireStack = async (choice?: StackChoice): Promise<StackAddress> => {
  const address = await findStack(choice);
  if (!address) throw failure("no stack is running here; start one with `npm start` and leave it running");
  return address;
};
