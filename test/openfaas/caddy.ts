import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CADDYFILE } from "../../infra/openfaas/proxy/caddyfile.ts";
import { watchChild } from "../children.ts";
import { programOnPath } from "../program.ts";
import { ROOT } from "../stack-process.ts";
import { freePort } from "./free-port.ts";

const PROGRAM = programOnPath("caddy");

/** Why tests of the proxy can't run here, for `unless`; undefined when they can. */
export const WITHOUT_CADDY: string | undefined =
  PROGRAM === undefined ? "caddy is not on PATH: https://caddyserver.com/docs/install" : undefined;

/** A request as it reached the upstream. */
export interface Arrived {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly bodyBytes: number;
}

/** An upstream that remembers what arrives, and answers with the given headers. */
export const startUpstream = async (answerHeaders: Readonly<Record<string, string>> = {}) => {
  const arrived: Arrived[] = [];
  const server = createServer((request, response) => {
    let bodyBytes = 0;
    request.on("data", (chunk: Buffer) => {
      bodyBytes += chunk.length;
    });
    // A body that is cut off is no request.
    request.on("error", () => {});
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      arrived.push({ method, url, headers, bodyBytes });
      response.writeHead(200, answerHeaders).end("{}");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    arrived,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};

export interface RunningCaddy {
  readonly port: number;
  /** Everything that it wrote. */
  log(): string;
  close(): Promise<void>;
}

/** Caddy with the project's own Caddyfile. `environment`: the variables of the Caddyfile. */
export const startCaddy = async (environment: Readonly<Record<string, string>>): Promise<RunningCaddy> => {
  if (PROGRAM === undefined) throw new Error(WITHOUT_CADDY);
  const port = await freePort();
  const folder = join(tmpdir(), `backtrack-caddy-${port}`);
  const child: ChildProcess = spawn(
    PROGRAM,
    ["run", "--config", join(ROOT, CADDYFILE), "--adapter", "caddyfile"],
    {
      stdio: ["ignore", "ignore", "pipe"],
      env: {
        HOME: folder,
        XDG_DATA_HOME: folder,
        XDG_CONFIG_HOME: folder,
        SITE_ADDRESS: `http://127.0.0.1:${port}`,
        ...environment,
      },
    },
  );
  watchChild(child);
  let log = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  await new Promise<void>((resolve, reject) => {
    child.once("exit", () => reject(new Error(`caddy ended:\n${log}`)));
    child.stderr?.on("data", () => log.includes("serving initial configuration") && resolve());
  });
  return {
    port,
    log: () => log,
    close: async () => {
      const ended = once(child, "close");
      child.kill("SIGKILL");
      await ended;
    },
  };
};

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends a request line for line: fetch would tidy its path. */
export const sendRaw = async (
  port: number,
  head: string,
  {
    headers = {},
    body = "",
  }: { headers?: Readonly<Record<string, string>>; body?: string | Uint8Array } = {},
): Promise<RawAnswer> => {
  const socket = connect(port, "127.0.0.1");
  const lines = [`${head} HTTP/1.1`, `Host: 127.0.0.1:${port}`, "Connection: close"];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body.length > 0) lines.push(`Content-Length: ${body.length}`);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", () => {});
  // At once, or an answer before the end of the body would cut the connection with the answer unread.
  socket.write(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), Buffer.from(body)]));
  await new Promise((resolve) => socket.once("close", resolve));
  const [before, ...rest] = Buffer.concat(chunks).toString().split("\r\n\r\n");
  const [statusLine, ...fields] = before.split("\r\n");
  return {
    status: Number(statusLine.split(" ")[1]),
    headers: Object.fromEntries(
      fields.map((field) => [field.split(":")[0].toLowerCase(), field.slice(field.indexOf(":") + 1).trim()]),
    ),
    body: rest.join("\r\n\r\n"),
  };
};
