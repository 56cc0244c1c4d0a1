import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { type StandIn, startGateway, type WatchdogOptions } from "./gateway.ts";
import type { Situation } from "./who-answers.ts";

/** Servers that a test starts. */
export interface Servers {
  keep<Each extends StandIn>(starting: Promise<Each>): Promise<Each>;
  /** The server of a function; its address. */
  child(listener: RequestListener): Promise<string>;
  /** Closes all. */
  close(): Promise<void>;
}

export const serversOfTest = (): Servers => {
  const running: StandIn[] = [];
  return {
    keep: async (starting) => {
      const each = await starting;
      running.push(each);
      return each;
    },
    child: async (listener) => {
      const server = createServer(listener);
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const close = (): Promise<void> =>
        new Promise((resolve) => {
          server.closeAllConnections();
          server.close(() => resolve());
        });
      running.push({ url, close });
      return url;
    },
    close: async () => {
      for (const each of running.splice(0)) await each.close();
    },
  };
};

const NEVER: RequestListener = () => {};
const DIES: RequestListener = (request) => request.socket.destroy();

/** Nobody listens there. */
export const NOWHERE = "http://127.0.0.1:1";

/** What each situation takes, with any watchdog: the response to one call of the function `f`. */
export const situations = (
  { keep, child }: Servers,
  startWatchdog: (options: WatchdogOptions) => Promise<StandIn>,
  shortMilliseconds: number,
): Readonly<Record<Situation, () => Promise<Response>>> => {
  const askThrough = async (functions: Record<string, string>, timeoutMilliseconds = 60_000) => {
    const gateway = await keep(startGateway({ functions, timeoutMilliseconds }));
    return fetch(`${gateway.url}/function/f`);
  };
  const askWatched = async (functionUrl: string, options: object = {}) => {
    const { url } = await keep(startWatchdog({ functionUrl, ...options }));
    return askThrough({ f: url });
  };
  return {
    "unknown function": async () => fetch(`${(await keep(startGateway())).url}/function/g`),
    "function refuses connections": () => askThrough({ f: NOWHERE }),
    "connection reset behind the gateway": async () => askThrough({ f: await child(DIES) }),
    "child refuses connections": () => askWatched(NOWHERE),
    "child dies": async () => askWatched(await child(DIES)),
    "exec_timeout is over": async () =>
      askWatched(await child(NEVER), { execTimeoutMilliseconds: shortMilliseconds }),
    "write_timeout is over": async () => {
      const late: RequestListener = (_, response) => {
        setTimeout(() => response.end("late"), 3 * shortMilliseconds);
      };
      return askWatched(await child(late), { writeTimeoutMilliseconds: shortMilliseconds });
    },
    "gateway's timeout is over": async () => askThrough({ f: await child(NEVER) }, 10),
    "max_inflight is reached": async () => {
      const entered = Promise.withResolvers<void>();
      const functionUrl = await child(() => entered.resolve());
      const { url } = await keep(startWatchdog({ functionUrl, maximumInFlight: 1 }));
      const gateway = await keep(startGateway({ functions: { f: url } }));
      fetch(`${gateway.url}/function/f`).catch(() => {});
      await entered.promise;
      return fetch(`${gateway.url}/function/f`);
    },
  };
};

/** Who answered, and how. */
export const answerOf = async (response: Response) => {
  await response.arrayBuffer();
  return {
    status: response.status,
    answeredBy: response.headers.get("x-openfaas-internal") ?? undefined,
  };
};

/** Answers what it was asked. */
export const echo: RequestListener = async (request, response) => {
  const body = await textOf(request);
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ target: request.url, body, headers: request.headers }));
};

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("latin1");
};

/** What of an address arrives at the echo, in the words of ARRIVALS. */
export const arrivalOf = async (url: string): Promise<string> => {
  let response: Response;
  try {
    response = await fetch(url);
  } catch {
    return "connection broken";
  }
  if (response.status !== 200) return `status ${response.status}`;
  return ((await response.json()) as { target: string }).target;
};
