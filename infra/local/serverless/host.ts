import { randomUUID } from "node:crypto";
import { fileURLToPath, pathToFileURL } from "node:url";
import { MANIFEST } from "../../../functions/manifest.ts";
import { TIME_LIMITS } from "../../../hosts/http/time-limits.ts";
import { apiGate } from "./api-gate.ts";
import { gateServers } from "./gated-server.ts";
import { likeApiGateway } from "./gateway.ts";
import { serviceOf } from "./service.ts";

/**
 * The function host: serverless-offline as a process of its own, started by the stack with an IPC channel and
 * the ports in its environment. serverless-offline is a plugin of the Serverless Framework's command line,
 * which takes a second to start and checks for updates; the plugin itself needs no more of it than what is
 * passed in here.
 */
// The stack holds the other end of the channel: when it dies, however it dies, so does its host.
process.on("disconnect", () => process.exit(0));

const ports = {
  http: Number(process.env.BACKTRACK_HTTP_PORT),
  lambda: Number(process.env.BACKTRACK_LAMBDA_PORT),
};
/** A list in the environment; anything else admits nobody. */
const listIn = (variable: string): string[] => (process.env[variable] ?? "").split(" ").filter(Boolean);
const allowedOrigins = listIn("BACKTRACK_ALLOWED_ORIGINS");

gateServers(
  apiGate({
    lambdaPort: ports.lambda,
    // Without a secret nobody gets in: no header can name it.
    accessKeyId: process.env.AWS_ACCESS_KEY_ID ?? randomUUID(),
    allowedHosts: listIn("BACKTRACK_ALLOWED_HOSTS"),
    allowedOrigins,
  }),
  TIME_LIMITS,
);
// Imported only now, so that its servers are gated ones.
const { default: ServerlessOffline } = await import("serverless-offline");

const inboxFolder = process.env.BACKTRACK_INBOX;
if (!inboxFolder) throw new Error("the environment variable BACKTRACK_INBOX, a folder, is missing");
const rootFolder = fileURLToPath(new URL("../../../", import.meta.url));
const service = serviceOf(MANIFEST, {
  // Anything but a plain "open" is closed.
  access: process.env.BACKTRACK_ACCESS === "open" ? "open" : "keys",
  buckets: { recordings: pathToFileURL(inboxFolder).href },
  settings: JSON.parse(process.env.BACKTRACK_SETTINGS ?? "{}"),
  ports,
  allowedOrigins,
});

const serverless = {
  config: { servicePath: rootFolder, serverlessPath: "" },
  serviceDir: rootFolder,
  service: {
    ...service,
    getAllFunctions: () => Object.keys(service.functions),
    getFunction: (name: string) => service.functions[name],
    getAllEventsInFunction: (name: string) => service.functions[name].events,
  },
};

let isUp = false;
const ignore = (): void => {};
const log = {
  debug: ignore,
  info: ignore,
  notice: ignore,
  verbose: ignore,
  warning: ignore,
  // Why it could not start; later only what a function can't log itself: that it timed out.
  error: (value: unknown) => {
    const text = String(value instanceof Error ? value.stack : value);
    if (!isUp || text.includes("Lambda timeout")) process.stderr.write(`${text}\n`);
  },
};

process.on("SIGINT", ignore);

const offline = new ServerlessOffline(serverless, { noSponsor: true }, { log });
await offline.start();
isUp = true;
likeApiGateway(offline.internals().getApiGatewayServer());
// The stack may have died before anybody listened for its end.
if (!process.connected) process.exit(0);
process.send?.("ready");
