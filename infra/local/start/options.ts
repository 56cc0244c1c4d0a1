import { statSync } from "node:fs";
import { basename, extname, resolve } from "node:path";
import { Command, Option } from "commander";
import { DEVICE_ID_PATTERN, DEVICE_ID_RULE } from "../../../lib/core/identity/device-id.ts";
import { MAXIMUM_AHEAD_MS } from "../../../lib/core/position/parse-timestamp.ts";
import { MAXIMUM_DEVICES, MAXIMUM_SOURCES } from "../../../lib/core/replay/create-replay.ts";
import { MAXIMUM_RATE, MINIMUM_RATE } from "../../../lib/core/replay/playback-clock.ts";
import {
  DEFAULT_EARLIEST,
  EARLIEST_RULE,
  LARGEST_MAXIMUM_AHEAD_SECONDS,
  readEarliest,
} from "../../../lib/runtime/timestamp-rules.ts";
import { checkedBy, listOf, numberBetween, parseArguments } from "../../command/command-line.ts";
import { wrongUse } from "../../command/failure.ts";
import { KEEP_READ_BYTES } from "../stack/keep-stream-small.ts";
import { SAMPLE } from "./sample.ts";

/** One recorded drive to import, and the device that it is replayed as. */
export interface Source {
  readonly path: string;
  /** The recording's name. */
  readonly name: string;
  readonly deviceId: string;
}

export interface StartOptions {
  /** No sample and no files. */
  readonly sources: readonly Source[];
  readonly rate: number;
  readonly loop: boolean;
  readonly timestamps: "now" | "original";
  readonly copies: number;
  readonly port: number;
  readonly maximumAheadSeconds: number;
  readonly earliestTimestamp: string;
  /** The API requires keys. */
  readonly auth: boolean;
  /** Web pages that may use the API, besides its own. */
  readonly allowedOrigins: readonly string[];
  /** Host names that the API answers to, besides those of the loopback. */
  readonly allowedHosts: readonly string[];
  /** How much of the stream stays after every function has read it. */
  readonly keepReadBytes: number;
  /** Absolute. */
  readonly dataFolder?: string;
  /** Absolute. */
  readonly inboxFolder?: string;
}

interface ParsedOptions {
  readonly rate: number;
  readonly loop?: boolean;
  readonly timestamps: "now" | "original";
  readonly device?: string;
  readonly copies: number;
  readonly port: number;
  readonly maximumAhead: number;
  readonly earliest: string;
  readonly auth?: boolean;
  readonly allowOrigin?: readonly string[];
  readonly allowHost?: readonly string[];
  readonly keepRead: number;
  readonly data?: string;
  readonly inbox?: string;
  readonly empty?: boolean;
}

const BYTES_PER_MEGABYTE = 1024 * 1024;
/** A terabyte: more than any laptop holds. */
const LARGEST_KEEP_READ_MEGABYTES = 1024 * 1024;

const command = (): Command =>
  new Command("npm start --")
    .description(
      "Starts all of Backtrack on this machine, imports recorded drives and replays them.\n" +
        "Without FILE it replays its own sample drive in a loop, as device `demo`.",
    )
    .argument("[FILE...]", "recorded drives in CSV, with the columns timestamp, latitude, longitude, ...")
    .option(
      "--rate <number>",
      "how many times faster than real time",
      numberBetween(MINIMUM_RATE, MAXIMUM_RATE),
      10,
    )
    .option("--loop", "start again at the end (the sample drive always does)")
    .option("--no-loop", "stop at the end")
    .addOption(
      new Option(
        "--timestamps <kind>",
        "each position's timestamp: when it is replayed, or when it was recorded",
      )
        .choices(["now", "original"])
        .default("now"),
    )
    .option("--device <id>", "the device to replay as (default: the file's name)", checkedBy(checkDeviceId))
    .option(
      "--copies <number>",
      "replay each drive as this many devices, <id>-1, <id>-2, ...",
      numberBetween(1, MAXIMUM_DEVICES, { whole: true }),
      1,
    )
    .option("--port <number>", "the API's port on 127.0.0.1", numberBetween(0, 65_535, { whole: true }), 3000)
    .option(
      "--maximum-ahead <seconds>",
      "refuse positions whose timestamp is further ahead than this",
      numberBetween(0, LARGEST_MAXIMUM_AHEAD_SECONDS),
      MAXIMUM_AHEAD_MS / 1000,
    )
    .option(
      "--earliest <time>",
      "refuse positions from before this time (ISO 8601)",
      checkedBy(checkEarliest),
      DEFAULT_EARLIEST,
    )
    .option("--auth", "require API keys, as on AWS, and print one (default: no key needed)")
    .option(
      "--allow-origin <origin>",
      "let web pages of this origin use the API, for example http://localhost:5173; may be repeated",
      listOf(checkOrigin),
    )
    .option(
      "--allow-host <name>",
      "let the API answer to this host name (default: localhost and 127.0.0.1); may be repeated",
      listOf(checkHost),
    )
    .option(
      "--keep-read <megabytes>",
      "keep this much on the stream after every function has read it, for your own consumers; what was not read always stays",
      numberBetween(0, LARGEST_KEEP_READ_MEGABYTES),
      KEEP_READ_BYTES / BYTES_PER_MEGABYTE,
    )
    .option("--data <folder>", "keep stream and tables there across restarts (default: keep nothing)")
    .option("--inbox <folder>", "import every file that is put there (default: inbox in the data folder)")
    .option("--empty", "import and replay nothing");

/**
 * The command line as options. Raises a CommandFailure with exit code 2 that says what is wrong; `--help`
 * ends the process.
 */
export const parseStartOptions = (argv: readonly string[]): StartOptions => {
  const parsed = parseArguments(command(), argv);
  const options = parsed.opts<ParsedOptions>();
  const files = parsed.args;
  if (options.empty && files.length > 0) throw wrongUse("--empty imports nothing: omit the files");
  if (files.length > MAXIMUM_SOURCES)
    throw wrongUse(`at most ${MAXIMUM_SOURCES} files can be replayed side by side`);
  if (files.length * options.copies > MAXIMUM_DEVICES) {
    throw wrongUse(`files times copies must be at most ${MAXIMUM_DEVICES} devices`);
  }
  const sources = options.empty ? [] : sourcesOf(files, options.device);
  for (const { path } of sources) checkFile(path);
  if (options.loop && options.timestamps === "original") {
    throw wrongUse("--loop with --timestamps original would send only duplicates after the first round");
  }
  const playsSample = files.length === 0;
  return {
    sources,
    rate: options.rate,
    loop: options.loop ?? (playsSample && options.timestamps === "now"),
    timestamps: options.timestamps,
    copies: options.copies,
    port: options.port,
    maximumAheadSeconds: options.maximumAhead,
    earliestTimestamp: options.earliest,
    auth: options.auth ?? false,
    allowedOrigins: options.allowOrigin ?? [],
    allowedHosts: options.allowHost ?? [],
    keepReadBytes: options.keepRead * BYTES_PER_MEGABYTE,
    ...(options.data !== undefined && { dataFolder: resolve(options.data) }),
    ...(options.inbox !== undefined && { inboxFolder: resolve(options.inbox) }),
  };
};

const checkDeviceId = (text: string): string => {
  if (!DEVICE_ID_PATTERN.test(text)) throw new Error(DEVICE_ID_RULE);
  return text;
};

const checkEarliest = (text: string): string => {
  if (Number.isNaN(readEarliest(text))) throw new Error(EARLIEST_RULE);
  return text;
};

const checkOrigin = (text: string): string => {
  if (URL.canParse(text) && new URL(text).origin === text) return text;
  throw new Error("must be an origin, such as http://localhost:5173, without a path");
};

const checkHost = (text: string): string => {
  const url = `http://${text}`;
  if (URL.canParse(url) && new URL(url).hostname === text) return text;
  throw new Error("must be a host name in lower case, without a port");
};

/** Files never share a device: where they would, they get `<id>-1`, `<id>-2` and so on. */
const sourcesOf = (files: readonly string[], device: string | undefined): Source[] => {
  if (files.length === 0) {
    return [{ ...SAMPLE, deviceId: device ?? SAMPLE.deviceId }];
  }
  const wanted = files.map((file) => device ?? deviceIdFrom(file));
  const seen = new Map<string, number>();
  return files.map((file, index) => {
    const id = wanted[index];
    const number = (seen.get(id) ?? 0) + 1;
    seen.set(id, number);
    const shared = wanted.filter((other) => other === id).length > 1;
    return { path: resolve(file), name: basename(file), deviceId: shared ? `${id}-${number}` : id };
  });
};

const LONGEST_FROM_FILE = 100;

const deviceIdFrom = (file: string): string => {
  const stem = basename(file, extname(file)).replace(/[^A-Za-z0-9._:@-]+/g, "-");
  return stem.slice(0, LONGEST_FROM_FILE) || "device";
};

const checkFile = (path: string): void => {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) throw wrongUse(`there is no file ${path}`);
  if (!stats.isFile()) throw wrongUse(`${path} is not a file`);
  if (stats.size === 0) throw wrongUse(`${path} is empty`);
};
