import {
  type ClientRequest,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";

/*
 * Stand-ins of OpenFaaS's gateway with its provider, and of its watchdog, for machines without them. What
 * they answer, and how they mistreat requests, is the behaviour that was measured on the real ones (gateway
 * 0.27.14, of-watchdog 0.11.6); test/openfaas/who-answers.ts is the table, held by both.
 */

/** Says who answered in the function's place. */
const INTERNAL = "x-openfaas-internal";

const HOP_BY_HOP = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer"]);

export interface StandIn {
  /** For example `http://127.0.0.1:4567`. */
  readonly url: string;
  /** Cuts every connection and frees the port. */
  close(): Promise<void>;
}

export interface StandInGateway extends StandIn {
  /** Where each function is; may be changed while the gateway runs. */
  readonly functions: Map<string, string>;
  /** Requests that are on their way through it. */
  readonly inFlight: number;
}

export interface GatewayOptions {
  /** Default: any free port. */
  readonly port?: number;
  /** upstream_timeout; default: 60 s. */
  readonly timeoutMilliseconds?: number;
  readonly functions?: Readonly<Record<string, string>>;
}

/** A gateway and its provider: `/function/<name>/...` goes to the function of that name. */
export const startGateway = async ({
  port = 0,
  timeoutMilliseconds = 60_000,
  functions = {},
}: GatewayOptions = {}): Promise<StandInGateway> => {
  const places = new Map(Object.entries(functions));
  let inFlight = 0;

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const target = decodedTarget(request.url ?? "/");
    if (target === "breaks") {
      request.socket.destroy();
      return;
    }
    if (target === undefined) {
      answer(request, response, 400);
      return;
    }
    if (target.path === "/healthz") {
      answer(request, response, 200, undefined, "OK");
      return;
    }
    const [, name, rest] = /^\/function\/([^/]+)(\/.*)?$/.exec(target.path) ?? [];
    if (name === undefined) {
      answer(request, response, 404, undefined, "404 page not found");
      return;
    }
    const place = places.get(name);
    if (place === undefined) {
      answer(request, response, 503, "proxy", `Cannot find service: ${name}.`);
      return;
    }
    inFlight++;
    response.on("close", () => inFlight--);
    forward(request, response, {
      place,
      path: `${rest ?? "/"}${target.query}`,
      headers: {
        "x-forwarded-host": request.headers.host,
        "x-forwarded-for": `${request.socket.remoteAddress}:${request.socket.remotePort}`,
        ...request.headers,
        // The function's own address, as Go's client sends it.
        host: new URL(place).host,
      },
      timeoutMilliseconds,
      // Its own limit: nobody is named.
      onTimeout: () => answer(request, response, 502),
      onFailure: () => answer(request, response, 500, "proxy", `Can't reach service for: ${name}.`),
    });
  };

  return {
    ...(await listen(createServer(onRequest), port)),
    functions: places,
    get inFlight() {
      return inFlight;
    },
  };
};

export interface WatchdogOptions {
  /** The function's own server, which a watchdog would start. */
  readonly functionUrl: string;
  readonly port?: number;
  readonly execTimeoutMilliseconds?: number;
  readonly writeTimeoutMilliseconds?: number;
  /** 0 for no limit. */
  readonly maximumInFlight?: number;
}

/** A watchdog in mode http. */
export const startWatchdog = ({
  functionUrl,
  port = 0,
  execTimeoutMilliseconds = 60_000,
  writeTimeoutMilliseconds = 70_000,
  maximumInFlight = 0,
}: WatchdogOptions): Promise<StandIn> => {
  let inFlight = 0;
  const server = createServer((request, response) => {
    // Whatever has become of its child.
    if (request.url === "/_/health") {
      answer(request, response, 200, undefined, "OK");
      return;
    }
    if (maximumInFlight > 0 && inFlight >= maximumInFlight) {
      return answer(request, response, 429, "faas-middleware", "Concurrent request limit exceeded.");
    }
    inFlight++;
    const startedAtMs = performance.now();
    response.on("close", () => inFlight--);
    forward(request, response, {
      place: functionUrl,
      path: request.url ?? "/",
      headers: request.headers,
      timeoutMilliseconds: execTimeoutMilliseconds,
      // It notices only when there is something to write.
      mayAnswer: () => performance.now() - startedAtMs < writeTimeoutMilliseconds,
      onTimeout: () => answer(request, response, 504, "of-watchdog"),
      onFailure: () => answer(request, response, 500, "of-watchdog"),
    });
  });
  return listen(server, port);
};

interface Forwarding {
  readonly place: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly timeoutMilliseconds: number;
  /** Asked before the response; default: yes. */
  mayAnswer?(): boolean;
  onTimeout(): void;
  onFailure(): void;
}

/** Passes a request on, and its response back, both as they arrive. */
const forward = (
  request: IncomingMessage,
  response: ServerResponse,
  { place, path, headers, timeoutMilliseconds, mayAnswer, onTimeout, onFailure }: Forwarding,
): void => {
  const { hostname, port } = new URL(place);
  const passedOn = Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)));
  const further: ClientRequest = httpRequest(
    { hostname, port, path, method: request.method, headers: passedOn, agent: false },
    (answered) => {
      if (mayAnswer?.() === false) {
        request.socket.destroy();
        return;
      }
      const own = Object.entries(answered.headers).filter(([name]) => !HOP_BY_HOP.has(name));
      response.writeHead(answered.statusCode ?? 502, Object.fromEntries(own));
      answered.on("error", () => response.destroy());
      answered.pipe(response);
    },
  );
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    further.destroy();
    if (response.headersSent) response.destroy();
    else onTimeout();
  }, timeoutMilliseconds);
  further.on("error", () => {
    if (isOver) return;
    if (response.headersSent) response.destroy();
    else onFailure();
  });
  response.on("close", () => {
    isOver = true;
    clearTimeout(timer);
    further.destroy();
  });
  request.on("error", () => further.destroy());
  request.pipe(further);
};

/**
 * Go's server decodes the path, and the gateway makes an address of the result again: what follows a decoded
 * `#` is lost, the query too, and what follows a decoded `?` becomes a query. It breaks the connection when
 * the result is no address. Undefined for a path that can't be decoded.
 */
const decodedTarget = (
  url: string,
): { readonly path: string; readonly query: string } | "breaks" | undefined => {
  const [encoded, ...query] = url.split("?");
  let decoded: string;
  try {
    decoded = decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
  if (/%(?![0-9a-f]{2})/i.test(decoded)) return "breaks";
  const isCut = decoded.includes("#");
  const [path, ...further] = decoded.split("#")[0].split("?");
  const queries = [...further, ...(isCut ? [] : query)].filter((each) => each !== "");
  return {
    path: path.replaceAll(/[^\x21-\x7e]/gu, encodeURIComponent),
    query: queries.length > 0 ? `?${queries.join("&")}` : "",
  };
};

const answer = (
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  answeredBy?: string,
  body = "",
): void => {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, { ...(answeredBy && { [INTERNAL]: answeredBy }), "content-type": "text/plain" });
  response.end(body);
  request.unpipe();
  request.resume();
};

const listen = async (server: Server, port: number): Promise<StandIn> => {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};
