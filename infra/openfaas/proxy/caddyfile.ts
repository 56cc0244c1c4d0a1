import { MANIFEST } from "../../../functions/manifest.ts";
import { KEY_PARAMETER } from "../../../lib/core/access/sent-key.ts";
import type { Route } from "../../../lib/runtime/definition.ts";
import { ERROR_MAP, type ProblemCode } from "../../../lib/runtime/error-map.ts";
import { MAXIMUM_BODY_BYTES } from "../../../lib/runtime/http-input.ts";

/** From the root of the project. */
export const CADDYFILE = "infra/openfaas/proxy/Caddyfile";

const ROUTES = MANIFEST.flatMap(({ routes = [] }) => routes);

const literal = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

const sorted = (texts: readonly string[]): string[] => [...new Set(texts)].toSorted();

/** The first segments of all paths: `devices`, `openapi\.json`. */
const firstSegments = (routes: readonly Pick<Route, "path">[]): string[] =>
  sorted(routes.map(({ path }) => literal(path.split("/")[1])).filter((segment) => segment !== ""));

/** Paths as expressions over the path as it was sent: `devices/[^/?]+/positions`. */
const patterns = (routes: readonly Pick<Route, "path">[]): string[] =>
  sorted(
    routes.map(({ path }) =>
      path
        .split("/")
        .slice(1)
        .map((segment) => (/^\{\w+\}$/.test(segment) ? "[^/?]+" : literal(segment)))
        .join("/"),
    ),
  );

/** `key`, each letter as itself or percent-encoded, in either case. */
const inAnyEncoding = (name: string): string =>
  [...name].map((letter) => `(${letter}|%${Buffer.from(letter).toString("hex")})`).join("");

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)}MB`;

interface OwnAnswer {
  /** The errors of Caddy's that it is for; empty: all others. */
  readonly errors: readonly number[];
  readonly code: ProblemCode;
  readonly detail: string;
}

const OWN_ANSWERS: readonly OwnAnswer[] = [
  { errors: [404], code: "no-such-route", detail: "the API has no such path; GET /openapi.json lists them" },
  { errors: [413], code: "too-large", detail: `a body is at most ${MAXIMUM_BODY_BYTES} bytes` },
  { errors: [], code: "unavailable", detail: "the functions can't be reached; try again later" },
];

const answers = (): string =>
  OWN_ANSWERS.map(({ errors, code, detail }) => {
    const { status, title, retryAfterSeconds } = ERROR_MAP[code];
    const problem = JSON.stringify({ type: `urn:backtrack:problem:${code}`, title, status, detail });
    const lines = [
      `handle_errors ${errors.map((error) => `${error} `).join("")}{`,
      "\theader Content-Type application/problem+json",
      ...(retryAfterSeconds === undefined ? [] : [`\theader Retry-After ${retryAfterSeconds}`]),
      `\trespond \`${problem}\` ${status}`,
      "}",
    ];
    return lines.map((line) => `\t${line}`).join("\n");
  }).join("\n");

/** The text of a Caddyfile for a set of routes. */
export const caddyfile = (routes: readonly Pick<Route, "path" | "access">[] = ROUTES): string => {
  const ingest = routes.filter(({ access }) => access === "ingest");
  return `# Made from the manifest by \`npm run openfaas -- proxy --write\`; a test fails when it is out of date.
#
# What the Internet may reach of a self-hosted Backtrack, by TLS. Needs Caddy 2.8 or newer. Variables:
#   SITE_ADDRESS     the name of the host, for which Caddy gets a certificate; or http://:8080 behind an Ingress
#   UPSTREAM         the gateway, or a function that is a plain Deployment
#   FUNCTION_PATH    where the API is there; set to nothing for a plain Deployment
#   TRUSTED_PROXIES  whose X-Forwarded-For is believed: an Ingress in front; otherwise nobody's
{
	admin off
	persist_config off
	servers {
		# By default one that nobody has (RFC 5737).
		trusted_proxies static {$TRUSTED_PROXIES:192.0.2.1/32}
		trusted_proxies_strict
		timeouts {
			read_header 10s
			idle 2m
		}
	}
	# Also for errors. No query, no header and no link's token is ever written.
	log default {
		format filter {
			wrap json
			fields {
				request>uri regexp ^(/shared/)[^/?]*|\\?.*$ $1
				request>headers delete
				resp_headers>Location delete
			}
		}
	}
}

{$SITE_ADDRESS:localhost} {
	log
	# All expressions look at the request as it was sent. What is not in the API is not there: above all
	# /2015-03-31/ (calls of functions), /function/ and /system/.
	@elsewhere not vars_regexp {http.request.uri} ^/(\\?|$|(${firstSegments(routes).join("|")})([/?]|$))
	# The gateway decodes paths, and would climb out of the function.
	@climbs vars_regexp {http.request.uri} (?i)^[^?]*(/|%(25)*2f)(\\.|%(25)*2e){1,2}(/|%(25)*2f|\\?|$)
	@sendsPositions vars_regexp {http.request.uri} ^/(${patterns(ingest).join("|")})\\?
	@movableKey {
		vars_regexp {http.request.uri.query.${KEY_PARAMETER}} ^[A-Za-z0-9_-]{1,200}$
		not header X-Api-Key *
	}
	@mentionsKey vars_regexp {http.request.uri.query} (?i)${inAnyEncoding(KEY_PARAMETER)}

	route {
		error @elsewhere 404
		error @climbs 404
		request_body {
			max_size ${megabytes(MAXIMUM_BODY_BYTES)}
		}
		request_header -X-Backtrack-Invoke-Token
		# Gateway and watchdog log every address. A key in it goes into a header first, where it counts: on the
		# routes that take one from the query. It never stays in the address, wherever it was sent.
		route @sendsPositions {
			request_header @movableKey X-Api-Key {http.request.uri.query.${KEY_PARAMETER}}
		}
		uri @mentionsKey query -${KEY_PARAMETER}
		# The gateway decodes paths: a%23b would arrive as a. The function takes the path from here instead, and
		# learns that its API is at the root.
		request_header X-Forwarded-Uri {http.request.uri}
		request_header X-Forwarded-Prefix /
		# Unlike rewrite, this leaves the path encoded as it was sent.
		uri path_regexp ^/ {$FUNCTION_PATH:/function/backtrack}/
		reverse_proxy {$UPSTREAM:127.0.0.1:8080} {
			# Knative routes by it; the caller's own is in X-Forwarded-Host.
			header_up Host {upstream_hostport}
			# The client alone: what is in front of Caddy is of no use to a function.
			header_up X-Forwarded-For {client_ip}
			header_down Location ^{$FUNCTION_PATH:/function/backtrack}(/.*)$ $1
			transport http {
				dial_timeout 5s
			}
		}
	}

	# In the API's own words, where its functions were not asked.
${answers()}
}
`;
};
