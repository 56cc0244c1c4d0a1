import { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Node } from "constructs";
import { InvalidInputError } from "../../lib/core/errors.ts";
import type { NewReplaySchedule } from "../../lib/core/schedule/replay-schedule.ts";
import { LIMIT_NAMES, LIMITS, type LimitName, MAXIMUM_LIMIT } from "../../lib/resources/limit.ts";
import type { AccessMode } from "../../lib/runtime/definition.ts";
import { LARGEST_MAXIMUM_AHEAD_SECONDS, readEarliest } from "../../lib/runtime/timestamp-rules.ts";
import { mapRecord } from "./names.ts";
import { readReplaySchedule } from "./replay-schedule.ts";

/** What `-c key=value` on the command line, or `context` in cdk.json, sets. */
export interface Settings {
  /**
   * `-c stage=`: part of every name, so that several stages fit into one account. `prod` is the one that must
   * not lose anything.
   */
  readonly stage: string;
  readonly isProduction: boolean;
  /** `-c compliance=hipaa`. */
  readonly isHipaa: boolean;
  /** `-c retentionDays=`: how long logs are kept. What devices sent is not a log. */
  readonly logRetentionDays: RetentionDays;
  /** The same for the logs that say who requested what; six years under HIPAA. */
  readonly accessLogRetentionDays: RetentionDays;
  /** `-c streamShards=`: provisioned capacity; without it the streams are on demand. */
  readonly streamShards?: number;
  /**
   * `-c reserveConcurrency=on`: the stream's consumers have executions of their own, as many as their shards
   * can use. The account must have them to spare: a new one has ten in all.
   */
  readonly reservesConcurrency: boolean;
  /** `-c retentionHours=`: how long the stream keeps records; without it as long as lib/resources/ says. */
  readonly streamRetentionHours?: number;
  /**
   * `-c stateWindowSeconds=`: how long batches gather, which is how old a device's state may be; a batch
   * costs one write for each device in it. 0: as records come, about once a second.
   */
  readonly stateWindowSeconds: number;
  /**
   * `-c gatewayLog=on`: the API gateway logs each request. Without it the functions' own logs still report
   * failures.
   */
  readonly hasGatewayLog: boolean;
  /**
   * `-c ingest=function-url`: positions may also be sent directly to their function, which saves the gateway.
   * The same keys are required.
   */
  readonly hasIngestUrl: boolean;
  /** `-c apiAccess=open` lets everybody in; without it callers need keys. */
  readonly apiAccess: AccessMode;
  /**
   * `-c requestsPerSecond=`: above it the API responds with 429. Bursts may be twice that, up to the
   * account's limit.
   */
  readonly requestsPerSecond: number;
  /** `-c maximumAheadSeconds=`: how far a position's time may be ahead of its arrival. */
  readonly maximumAheadSeconds?: number;
  /** `-c earliestTimestamp=`: the earliest time that a position may have. */
  readonly earliestTimestamp?: string;
  /** `-c corsOrigins=https://a.example,https://b.example`: the web pages that may call the API. */
  readonly corsOrigins: readonly string[];
  /** `-c alarmEmail=`: who is notified; others can subscribe to the topic. */
  readonly alarmEmail?: string;
  /**
   * `replaySchedule` in cdk.json: a schedule that comes with the stack, as PUT /replay-schedules/{name} takes
   * it, with its name.
   */
  readonly replaySchedule?: NewReplaySchedule;
  /** `-c replaysAtOnce=` and so on; see lib/resources/limit.ts. */
  readonly limits: Readonly<Record<LimitName, number>>;
}

const KEYS = [
  "stage",
  "compliance",
  "retentionDays",
  "streamShards",
  "reserveConcurrency",
  "retentionHours",
  "stateWindowSeconds",
  "gatewayLog",
  "ingest",
  "apiAccess",
  "requestsPerSecond",
  "maximumAheadSeconds",
  "earliestTimestamp",
  "corsOrigins",
  "alarmEmail",
  "replaySchedule",
  ...LIMIT_NAMES,
];

/** CDK's own keys have a colon, a slash or a hyphen; an unknown key that looks like ours is mistyped. */
const refuseUnknownKeys = (node: Node): void => {
  const unknown = Object.keys(node.getAllContext()).find(
    (key) => /^[A-Za-z]+$/.test(key) && !KEYS.includes(key),
  );
  if (unknown !== undefined) {
    throw new SettingsError(`context ${unknown} is not known; the known keys are ${KEYS.join(", ")}`);
  }
};

const STAGE = /^[a-z][a-z0-9-]{0,19}$/;
/** The shortest and longest that Kinesis keeps records, and the longest that Lambda gathers a batch. */
const RETENTION_HOURS = { minimum: 24, maximum: 8_760 };
const LONGEST_WINDOW_SECONDS = 300;
/**
 * A thousand phones that send once a second make 1,000 requests on average, more in the seconds after a
 * tunnel or an outage, and there are readers too. An account has 10,000 a second for all its APIs, and 5,000
 * at once.
 */
const REQUESTS_PER_SECOND = 2_500;
const SIX_YEARS = RetentionDays.SIX_YEARS;
/** The periods that CloudWatch Logs offers, except its "infinite". */
const RETENTIONS = Object.values(RetentionDays)
  .filter((value): value is RetentionDays => typeof value === "number" && value !== RetentionDays.INFINITE)
  .sort((a, b) => a - b);

/** A context value that is not valid. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

/**
 * Reads the settings from a construct's context. Raises SettingsError that names the key, the value and the
 * rule.
 */
export const readSettings = (node: Node): Settings => {
  refuseUnknownKeys(node);
  const stage = textOf(node, "stage") ?? "dev";
  if (!STAGE.test(stage)) throw refusal("stage", stage, "up to 20 of a-z, 0-9 and -, starting with a letter");
  const isHipaa = choiceOf(node, "compliance", ["none", "hipaa"]) === "hipaa";
  const apiAccess = choiceOf(node, "apiAccess", ["keys", "open"]);
  if (isHipaa && apiAccess === "open") {
    throw refusal(
      "apiAccess",
      "open",
      "keys, because compliance=hipaa allows no public endpoint without authentication",
    );
  }
  const streamShards = countOf(node, "streamShards", { maximum: 10_000 });
  const reservesConcurrency = choiceOf(node, "reserveConcurrency", ["off", "on"]) === "on";
  if (reservesConcurrency && streamShards === undefined) {
    throw refusal(
      "reserveConcurrency",
      "on",
      "off without streamShards, which says how much there is to reserve",
    );
  }
  const gatewayLog = choiceOf(node, "gatewayLog", isHipaa ? ["on"] : ["off", "on"]);
  const logRetentionDays = retentionOf(node) ?? RetentionDays.ONE_MONTH;
  return {
    stage,
    isProduction: stage === "prod",
    isHipaa,
    logRetentionDays,
    accessLogRetentionDays: isHipaa ? Math.max(logRetentionDays, SIX_YEARS) : logRetentionDays,
    streamShards,
    reservesConcurrency,
    streamRetentionHours: countOf(node, "retentionHours", RETENTION_HOURS),
    stateWindowSeconds:
      countOf(node, "stateWindowSeconds", { minimum: 0, maximum: LONGEST_WINDOW_SECONDS }) ?? 0,
    hasIngestUrl: choiceOf(node, "ingest", isHipaa ? ["gateway"] : ["gateway", "function-url"]) !== "gateway",
    hasGatewayLog: gatewayLog === "on",
    apiAccess,
    requestsPerSecond: countOf(node, "requestsPerSecond", { maximum: 10_000 }) ?? REQUESTS_PER_SECOND,
    maximumAheadSeconds: countOf(node, "maximumAheadSeconds", { maximum: LARGEST_MAXIMUM_AHEAD_SECONDS }),
    earliestTimestamp: earliestOf(node),
    corsOrigins: originsOf(node),
    alarmEmail: emailOf(node),
    replaySchedule: replayScheduleOf(node),
    limits: mapRecord(
      LIMITS,
      (usual: number, name) => countOf(node, name, { maximum: MAXIMUM_LIMIT }) ?? usual,
    ),
  };
};

const refusal = (key: string, value: string, rule: string): SettingsError =>
  new SettingsError(`context ${key}=${value} is not valid: it must be ${rule}`);

const textOf = (node: Node, key: string): string | undefined => {
  const value: unknown = node.tryGetContext(key);
  return value === undefined || value === null || value === "" ? undefined : String(value);
};

/** The first choice is the default. */
const choiceOf = <Choice extends string>(
  node: Node,
  key: string,
  choices: readonly [Choice, ...Choice[]],
): Choice => {
  const value = textOf(node, key);
  if (value === undefined) return choices[0];
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw refusal(key, value, choices.join(" or "));
  return choice;
};

const countOf = (
  node: Node,
  key: string,
  { minimum = 1, maximum }: { readonly minimum?: number; readonly maximum: number },
): number | undefined => {
  const value = textOf(node, key);
  if (value === undefined) return undefined;
  const count = Number(value);
  if (!Number.isInteger(count) || count < minimum || count > maximum) {
    throw refusal(key, value, `a whole number from ${minimum} to ${maximum}`);
  }
  return count;
};

const retentionOf = (node: Node): RetentionDays | undefined => {
  const value = textOf(node, "retentionDays");
  if (value === undefined) return undefined;
  const days = RETENTIONS.find((candidate) => candidate === Number(value));
  if (days === undefined) throw refusal("retentionDays", value, `one of ${RETENTIONS.join(", ")}`);
  return days;
};

const originsOf = (node: Node): string[] => {
  const value = textOf(node, "corsOrigins");
  // No page of another site, unless the deployment names it.
  if (value === undefined) return [];
  const origins = value.split(",").map((origin) => origin.trim());
  for (const origin of origins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw refusal("corsOrigins", value, "a list of origins such as https://fleet.example");
    }
  }
  return origins;
};

const earliestOf = (node: Node): string | undefined => {
  const value = textOf(node, "earliestTimestamp");
  if (value !== undefined && Number.isNaN(readEarliest(value)))
    throw refusal("earliestTimestamp", value, "a moment since 1970 in ISO 8601");
  return value;
};

const emailOf = (node: Node): string | undefined => {
  const value = textOf(node, "alarmEmail");
  if (value !== undefined && !/^[^\s@]+@[^\s@]+$/.test(value))
    throw refusal("alarmEmail", value, "an e-mail address");
  return value;
};

const replayScheduleOf = (node: Node): NewReplaySchedule | undefined => {
  const value: unknown = node.tryGetContext("replaySchedule");
  if (value === undefined || value === null || value === "") return undefined;
  try {
    return readReplaySchedule(value);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw new SettingsError(`context replaySchedule is not valid: ${error.message}`);
  }
};
