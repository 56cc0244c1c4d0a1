import { resolve } from "node:path";
import { Command, Option } from "commander";
import { MAXIMUM_UNCERTAIN_CALLS } from "../../engines/event-source/deliver-batch.ts";
import { functionsAddress } from "../../engines/functions/functions-address.ts";
import { groupOf } from "../../functions/groups.ts";
import { isJetStreamAddress, parseJetStreamAddress } from "../../lib/adapters/jetstream/address.ts";
import { checkedBy, listeningHost, numberBetween, parseArguments } from "../command/command-line.ts";
import { wrongUse } from "../command/failure.ts";

/** What an engine does; each role alone, or all in one process. */
export const ROLES = ["bridge", "workflows", "schedules", "inbox"] as const;
export type Role = (typeof ROLES)[number];

/** How the engine is told what to do: by flags, or by the environment variables that `--help` names. */
export interface EngineSettings {
  readonly roles: ReadonlySet<Role>;
  /** The address that both listeners bind. */
  readonly host: string;
  /** Of Step Functions' and Scheduler's API and of the inbox's files; 0 takes any free port. */
  readonly port: number;
  /** Of /metrics, /healthz and /readyz; 0 takes any free port. */
  readonly operationsPort: number;
  /** Where functions are called; may hold `{group}`. */
  readonly functionsUrl: string;
  /** A nats: URL, or the name of a stream in Kinesis. */
  readonly positionsStream: string;
  /** How many partitions the stream has or, while there is none, gets. */
  readonly partitions: number;
  /** Before the name of every table. */
  readonly tablePrefix: string;
  /** Whether missing tables and streams are made. */
  readonly creates: boolean;
  /** Absolute; undefined without one. Its files are served, and imported by the role `inbox`. */
  readonly inboxFolder?: string;
  /** Absolute; undefined: in JetStream, beside the stream. */
  readonly failedRecordsFolder?: string;
  /** Absolute. */
  readonly secretsFolder: string;
  readonly log: LogFormat;
  /** How long calls in flight may take to end after SIGTERM. */
  readonly drainSeconds: number;
  /** How long an engine that was killed keeps its work, about. */
  readonly leaseSeconds: number;
  /** How many calls may perhaps have run before a record of the stream is given up. */
  readonly uncertainCalls: number;
}

export const LOG_FORMATS = ["json", "plain"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

interface Parsed {
  readonly roles: ReadonlySet<Role>;
  readonly host: string;
  readonly port: number;
  readonly operationsPort: number;
  readonly functionsUrl?: string;
  readonly stream?: string;
  readonly partitions: number;
  readonly tablePrefix: string;
  readonly create: "yes" | "no";
  readonly inbox?: string;
  readonly failedRecords?: string;
  readonly secrets: string;
  readonly log: LogFormat;
  readonly drain: number;
  readonly lease: number;
  readonly uncertainCalls: number;
}

const whole = (minimum: number, maximum: number) => numberBetween(minimum, maximum, { whole: true });

const command = (): Command =>
  new Command("backtrack-engine")
    .description(
      "Calls the functions of a self-hosted Backtrack: feeds them from the stream (bridge), runs workflows " +
        "and schedules and serves their APIs, and imports the files of a folder (inbox). Every option can be " +
        "set by the environment variable that stands behind it. Tables are found by AWS_ENDPOINT_URL_DYNAMODB; " +
        "the access key is in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, in the secrets " +
        "backtrack-access-key-id and backtrack-secret-access-key, or in the file " +
        "AWS_SHARED_CREDENTIALS_FILE. Files are read again when they change.",
    )
    .addOption(
      new Option("--roles <list>", `any of ${ROLES.join(", ")}, separated by commas`)
        .env("ENGINE_ROLES")
        .argParser(checkedBy(readRoles))
        .default(new Set(ROLES), ROLES.join()),
    )
    .addOption(
      new Option("--host <address>", "the address to listen at; 0.0.0.0 for every one of the machine")
        .env("ENGINE_HOST")
        .argParser(checkedBy(listeningHost))
        .default("127.0.0.1"),
    )
    .addOption(
      new Option("--port <number>", "of the APIs of workflows and schedules, and of the inbox's files")
        .env("ENGINE_PORT")
        .argParser(whole(0, 65_535))
        .default(8090),
    )
    .addOption(
      new Option("--operations-port <number>", "of /metrics, /healthz and /readyz")
        .env("ENGINE_OPERATIONS_PORT")
        .argParser(whole(0, 65_535))
        .default(8091),
    )
    .addOption(
      new Option(
        "--functions-url <url>",
        "where functions are called: a gateway, or a pattern such as http://backtrack-{group}:8080",
      )
        .env("FUNCTIONS_URL")
        .argParser(checkedBy(readFunctionsUrl)),
    )
    .addOption(
      new Option("--stream <url>", "nats://host:4222/<name>, or the name of a stream in Kinesis")
        .env("POSITIONS_STREAM")
        .argParser(checkedBy(readStream)),
    )
    .addOption(
      new Option("--partitions <number>", "how many partitions the stream has, or gets when it is made")
        .env("POSITIONS_PARTITIONS")
        .argParser(whole(1, 1_000))
        .default(4),
    )
    .addOption(
      new Option("--table-prefix <text>", "before the name of every table")
        .env("TABLE_PREFIX")
        .argParser(checkedBy(readTablePrefix))
        .default("backtrack-"),
    )
    .addOption(
      new Option("--create <yes|no>", "make tables and streams that are missing")
        .env("ENGINE_CREATE")
        .choices(["yes", "no"])
        .default("yes"),
    )
    .addOption(
      new Option("--inbox <folder>", "the folder whose files are served and imported")
        .env("INBOX_FOLDER")
        .argParser(checkedBy(readFolder)),
    )
    .addOption(
      new Option("--failed-records <folder>", "where given-up records are kept (default: in JetStream)")
        .env("FAILED_RECORDS_FOLDER")
        .argParser(checkedBy(readFolder)),
    )
    .addOption(
      new Option("--secrets <folder>", "where the secrets' files are")
        .env("SECRETS_FOLDER")
        .argParser(checkedBy(readFolder))
        .default("/var/openfaas/secrets"),
    )
    .addOption(
      new Option("--log <format>", "how lines are written")
        .env("ENGINE_LOG")
        .choices(LOG_FORMATS)
        .default("json"),
    )
    .addOption(
      new Option("--drain <seconds>", "how long calls in flight may take to end after SIGTERM")
        .env("ENGINE_DRAIN_SECONDS")
        .argParser(numberBetween(0, 3_600))
        .default(20),
    )
    .addOption(
      new Option("--lease <seconds>", "how long an engine that was killed keeps its work, about")
        .env("ENGINE_LEASE_SECONDS")
        .argParser(numberBetween(1, 600))
        .default(4),
    )
    .addOption(
      new Option(
        "--uncertain-calls <number>",
        "how many calls may perhaps have run before a record is given up; the default takes some 10 minutes",
      )
        .env("ENGINE_UNCERTAIN_CALLS")
        .argParser(whole(2, 1_000))
        .default(MAXIMUM_UNCERTAIN_CALLS),
    );

/**
 * The command line and environment as settings. Raises a CommandFailure with exit code 2 that names the
 * option or variable, its value and the rule; `--help` ends the process.
 */
export const parseEngineSettings = (argv: readonly string[]): EngineSettings => {
  const parsed = parseArguments(command(), argv);
  if (parsed.args.length > 0) throw wrongUse(`${parsed.args.join(" ")}: the engine takes options alone`);
  const options = parsed.opts<Parsed>();
  const { functionsUrl, roles, stream, inbox, failedRecords } = options;
  if (functionsUrl === undefined) throw missing("FUNCTIONS_URL", "where functions are called");
  if (roles.has("bridge")) {
    if (stream === undefined) throw missing("POSITIONS_STREAM", "which stream the role bridge reads");
    if (!isJetStreamAddress(stream) && failedRecords === undefined) {
      throw missing("FAILED_RECORDS_FOLDER", "where records of Kinesis go that are given up");
    }
  }
  if (roles.has("inbox") && inbox === undefined) {
    throw missing("INBOX_FOLDER", "which folder the role inbox watches; or leave inbox out of ENGINE_ROLES");
  }
  return {
    roles,
    host: options.host,
    port: options.port,
    operationsPort: options.operationsPort,
    functionsUrl,
    positionsStream: stream ?? "positions",
    partitions: options.partitions,
    tablePrefix: options.tablePrefix,
    creates: options.create === "yes",
    ...(inbox !== undefined && { inboxFolder: inbox }),
    ...(failedRecords !== undefined && { failedRecordsFolder: failedRecords }),
    secretsFolder: options.secrets,
    log: options.log,
    drainSeconds: options.drain,
    leaseSeconds: options.lease,
    uncertainCalls: options.uncertainCalls,
  };
};

const missing = (variable: string, meaning: string) => wrongUse(`${variable} is not set: it says ${meaning}`);

function readRoles(text: string): ReadonlySet<Role> {
  const names = text.split(",").map((name) => name.trim());
  const roles = names.filter((name): name is Role => (ROLES as readonly string[]).includes(name));
  if (roles.length === names.length) return new Set(roles);
  throw new Error(`must be one or more of ${ROLES.join(", ")}, separated by commas`);
}

function readFunctionsUrl(text: string): string {
  functionsAddress(text, groupOf);
  return text;
}

function readStream(text: string): string {
  if (/^[A-Za-z0-9_.-]{1,128}$/.test(text)) return text;
  if (!isJetStreamAddress(text)) {
    throw new Error("must be nats://host:4222/<stream>, or the name of a stream in Kinesis");
  }
  parseJetStreamAddress(text);
  return text;
}

function readTablePrefix(text: string): string {
  if (/^[A-Za-z0-9_.-]{0,100}$/.test(text)) return text;
  throw new Error("must be at most 100 letters, digits, dots, underscores and hyphens");
}

function readFolder(text: string): string {
  if (text.trim() !== "") return resolve(text);
  throw new Error("must be the path of a folder");
}
