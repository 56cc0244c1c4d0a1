import type { IncomingMessage } from "node:http";
import { namesAccessKey, UNKNOWN_ACCESS_KEY } from "../../../engines/server/access-key.ts";
import { problemAnswer } from "../../../hosts/http/problem-answer.ts";
import { TransportError } from "../../../lib/runtime/error-map.ts";
import type { Gate } from "./gated-server.ts";

export interface GateOptions {
  readonly lambdaPort: number;
  readonly accessKeyId: string;
  /** Host names that the API answers to, besides those of the loopback. */
  readonly allowedHosts: readonly string[];
  /** Web pages that may use the API, besides its own: `https://fleet.example`. */
  readonly allowedOrigins: readonly string[];
}

/*
 * Who may use a local stack's API. It listens on this machine only, and without --auth it serves every
 * program there. A browser is such a program, and does what any web page tells it: so a page of a foreign
 * origin is refused, reading or writing, preflight or not. A page can also make its own name resolve to
 * 127.0.0.1, and then its origin is no longer foreign: so the Host must be one of ours. Programs other than
 * browsers send no Origin, and notice nothing.
 */
export const apiGate =
  (options: GateOptions): Gate =>
  (request) => {
    if (request.socket.localPort === options.lambdaPort) {
      const knows = namesAccessKey(request.headers.authorization, options.accessKeyId);
      return knows ? undefined : UNKNOWN_ACCESS_KEY;
    }
    const refusal = hostProblem(request, options) ?? originProblem(request, options);
    return refusal && problemAnswer(refusal);
  };

const LOOPBACK_NAMES: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** The name without its port; undefined if no URL could contain it. */
const nameIn = (host: string): string | undefined => {
  const url = `http://${host}`;
  if (!URL.canParse(url)) return undefined;
  const { hostname, pathname, search, username, hash } = new URL(url);
  return pathname === "/" && search + username + hash === "" ? hostname : undefined;
};

const hostProblem = (
  { headers }: IncomingMessage,
  { allowedHosts }: GateOptions,
): TransportError | undefined => {
  const name = nameIn(headers.host ?? "");
  if (name !== undefined && (LOOPBACK_NAMES.has(name) || allowedHosts.includes(name))) return undefined;
  const given = (headers.host ?? "").slice(0, 100);
  return new TransportError(
    "foreign-host",
    `Host ${JSON.stringify(given)} is not this machine's; use --allow-host to let the API answer to another name.`,
  );
};

const originProblem = (
  { method, headers }: IncomingMessage,
  { allowedOrigins }: GateOptions,
): TransportError | undefined => {
  const { origin } = headers;
  if (origin === undefined) {
    // Older browsers send no Origin with some requests, but still reveal that another site's page is behind
    // them.
    const isForeign = headers["sec-fetch-site"] === "cross-site" && method !== "GET" && method !== "HEAD";
    return isForeign ? foreignOrigin("a page of another site") : undefined;
  }
  if (origin === `http://${headers.host}` || allowedOrigins.includes(origin)) return undefined;
  return foreignOrigin(JSON.stringify(origin.slice(0, 100)));
};

const foreignOrigin = (which: string): TransportError =>
  new TransportError(
    "foreign-origin",
    `Pages of origin ${which} may not use this API; use --allow-origin to let them.`,
  );
