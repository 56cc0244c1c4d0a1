import { isPublicPrefix } from "../../lib/runtime/public-prefix.ts";
import { secretsFolder } from "../../lib/secrets/secret-file.ts";

/** How a host is told what to do. Everything has a default. */
export interface HostSettings {
  /** PORT: default 8080; 0 takes any free port. */
  readonly port: number;
  /** HOST: the address to listen at; default: every address of the machine. */
  readonly host: string | undefined;
  /** MAX_IN_FLIGHT, or of-watchdog's max_inflight: calls that run at once; default 64. */
  readonly maximumInFlight: number;
  /** ALLOWED_ORIGINS: web pages that may use the API, separated by spaces or commas; `*` for all. */
  readonly allowedOrigins: readonly string[];
  /**
   * PUBLIC_PREFIX: the path before every path, as the public knows them: `/function/backtrack`. A proxy can
   * say otherwise in X-Forwarded-Prefix.
   */
  readonly publicPrefix: string;
  /**
   * TRUST_FORWARDED=true: nobody gets past a proxy that says in X-Forwarded-For where a request comes from.
   */
  readonly trustsForwarded: boolean;
  /**
   * DRAIN_SECONDS, or of-watchdog's healthcheck_interval: after SIGTERM requests are served on for so long,
   * until nobody sends any here; default 5.
   */
  readonly serveOnSeconds: number;
  /** SHUTDOWN_SECONDS: when calls are cut after SIGTERM; default: when the longest must be over. */
  readonly shutdownSeconds: number | undefined;
  /** SECRETS_FOLDER; default: where OpenFaaS mounts them. */
  readonly secretsFolder: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings. Raises RangeError, which names the variable, its value and the rule, for one that is
 * wrong.
 */
export const readHostSettings = (variables: Variables): HostSettings => {
  const publicPrefix = (variables.PUBLIC_PREFIX ?? "").replace(/\/+$/, "");
  if (publicPrefix !== "" && !isPublicPrefix(publicPrefix)) {
    throw wrong("PUBLIC_PREFIX", publicPrefix, "must be a path such as /function/backtrack, or empty");
  }
  return {
    port: wholeNumber(variables, "PORT", 0, 65_535) ?? 8080,
    host: variables.HOST || undefined,
    maximumInFlight:
      wholeNumber(variables, "MAX_IN_FLIGHT", 1, 10_000) ??
      // 0 is of-watchdog's word for no limit.
      (wholeNumber(variables, "max_inflight", 0, 10_000) || 64),
    allowedOrigins: originsIn(variables.ALLOWED_ORIGINS ?? ""),
    publicPrefix,
    trustsForwarded: readSwitch(variables, "TRUST_FORWARDED"),
    serveOnSeconds:
      wholeNumber(variables, "DRAIN_SECONDS", 0, 3_600) ?? duration(variables, "healthcheck_interval") ?? 5,
    shutdownSeconds: wholeNumber(variables, "SHUTDOWN_SECONDS", 0, 86_400),
    secretsFolder: secretsFolder(variables),
  };
};

const wrong = (name: string, value: string, rule: string): RangeError =>
  new RangeError(`${name} ${rule} (got ${JSON.stringify(value)})`);

const wholeNumber = (
  variables: Variables,
  name: string,
  minimum: number,
  maximum: number,
): number | undefined => {
  const text = variables[name];
  if (!text) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= minimum && value <= maximum) return value;
  throw wrong(name, text, `must be a whole number from ${minimum} to ${maximum}`);
};

const readSwitch = (variables: Variables, name: string): boolean => {
  const text = variables[name] || "false";
  if (text === "true" || text === "false") return text === "true";
  throw wrong(name, text, "must be true or false");
};

/** Seconds of a duration as Go writes it, in whole minutes and seconds: `5s`, `1m30s`. */
const duration = (variables: Variables, name: string): number | undefined => {
  const text = variables[name];
  if (!text) return undefined;
  const [, minutes = "0", seconds = "0"] = /^(?:(\d{1,4})m)?(?:(\d{1,6})s)?$/.exec(text) ?? [];
  const value = Number(minutes) * 60 + Number(seconds);
  if (/\d/.test(text) && value > 0) return value;
  throw wrong(name, text, "must be a duration such as 5s or 1m30s");
};

const originsIn = (text: string): string[] => {
  const origins = text.split(/[\s,]+/).filter(Boolean);
  const bad = origins.find((origin) => origin !== "*" && !isOrigin(origin));
  if (bad === undefined) return origins;
  throw wrong("ALLOWED_ORIGINS", bad, "must list origins such as https://fleet.example, or be *");
};

const isOrigin = (text: string): boolean =>
  /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text;
