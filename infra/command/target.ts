import type { Command } from "commander";
import { checkedBy } from "./command-line.ts";
import { wrongUse } from "./failure.ts";

/*
 * Which Backtrack a command works on: the one that `npm start` runs on this machine, a stage on AWS, or a
 * self-hosted one, by the addresses of its store and its stream. These exclude each other.
 */

/** Which of the stacks that run on this machine. */
export interface StackChoice {
  readonly url?: string;
  readonly data?: string;
}

/** A stage on AWS. */
export interface StageChoice {
  readonly stage?: string;
  readonly region?: string;
  readonly profile?: string;
}

/** The store of a self-hosted stack. */
export interface StoreChoice {
  /** `http://host:8000`. */
  readonly store?: string;
  /** Absent: what TABLE_PREFIX says, or the default. */
  readonly tablePrefix?: string;
}

/** The stream of a self-hosted stack. */
export interface StreamChoice {
  /** `nats://host:4222/positions`. */
  readonly stream?: string;
}

export type Target = StackChoice & StageChoice & StoreChoice & StreamChoice;

/** Where a store is. Raises an error that states the rule. */
export const checkStoreUrl = (text: string): string => {
  const url = URL.parse(text);
  const isPlain =
    url &&
    /^https?:$/.test(url.protocol) &&
    !url.username &&
    !url.search &&
    !url.hash &&
    url.pathname === "/";
  if (isPlain) return url.origin;
  throw new Error("must be the address of a DynamoDB endpoint, such as http://host:8000");
};

export const checkTablePrefix = (text: string): string => {
  if (/^[A-Za-z0-9_.-]{0,100}$/.test(text)) return text;
  throw new Error("must be at most 100 letters, digits, dots, underscores and hyphens");
};

const checkStream = (text: string): string => {
  if (/^(nats|tls):\/\/[^/?#]+\/[A-Za-z0-9_-]+$/.test(text)) return text;
  throw new Error("must be nats://host:4222/<stream>");
};

export const withStackOptions = (command: Command): Command =>
  command
    .option("--url <url>", "if several stacks run here: the one with this address")
    .option("--data <folder>", "if several stacks run here: the one with this data folder");

export const withStageOptions = (command: Command): Command =>
  command
    .option("--stage <stage>", "a stage on AWS (default: the stack that `npm start` runs here)")
    .option("--region <region>", "the stage's region (default: as for the AWS CLI)")
    .option("--profile <profile>", "which AWS profile to use (default: as for the AWS CLI)");

export const withStoreOptions = (command: Command): Command =>
  command
    .option(
      "--store <url>",
      "a self-hosted stack by its store, http://host:8000; the access key is that of AWS_ACCESS_KEY_ID and " +
        "AWS_SECRET_ACCESS_KEY, of the secrets in SECRETS_FOLDER, or of AWS_SHARED_CREDENTIALS_FILE",
      checkedBy(checkStoreUrl),
    )
    .option(
      "--table-prefix <text>",
      "what the names of the store's tables begin with (default: TABLE_PREFIX, or backtrack-)",
      checkedBy(checkTablePrefix),
    );

export const withStreamOption = (command: Command): Command =>
  command.option(
    "--stream <url>",
    "a self-hosted stack by its stream, nats://host:4222/positions; who connects is in the address, in NATS_CREDS, NATS_TOKEN, " +
      "in NATS_USER and NATS_PASSWORD, or in the secrets in SECRETS_FOLDER",
    checkedBy(checkStream),
  );

/**
 * Only what was given, and all of one kind. Raises a CommandFailure with exit code 2 for options that exclude
 * each other.
 */
export const checkTarget = (given: Target): Target => {
  const { stage, region, profile, url, data, store, tablePrefix, stream } = given;
  if (stage === undefined && (region !== undefined || profile !== undefined)) {
    throw wrongUse("--region and --profile are for a stage on AWS: name it with --stage");
  }
  if (stage !== undefined && (url !== undefined || data !== undefined)) {
    throw wrongUse("--url and --data choose a stack on this machine: leave out --stage");
  }
  if (store === undefined && tablePrefix !== undefined) {
    throw wrongUse("--table-prefix is for a self-hosted stack: say where its store is with --store");
  }
  for (const [name, value] of [
    ["--store", store],
    ["--stream", stream],
  ]) {
    if (value === undefined) continue;
    if (stage !== undefined) throw wrongUse(`${name} reaches a self-hosted stack: leave out --stage`);
    if (url !== undefined || data !== undefined) {
      throw wrongUse(`${name} reaches a self-hosted stack: leave out --url and --data`);
    }
  }
  return {
    stage,
    region,
    profile,
    ...(url !== undefined && { url }),
    ...(data !== undefined && { data }),
    ...(store !== undefined && { store }),
    ...(tablePrefix !== undefined && { tablePrefix }),
    ...(stream !== undefined && { stream }),
  };
};
