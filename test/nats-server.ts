import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { watchChild } from "./children.ts";
import { programOnPath } from "./program.ts";

const PROGRAM = programOnPath("nats-server");

/** Why tests of JetStream can't run here, for `unless`; undefined when they can. */
export const WITHOUT_NATS: string | undefined =
  PROGRAM === undefined
    ? "nats-server is not on PATH: `go install github.com/nats-io/nats-server/v2@v2.15.2` or Debian's package"
    : undefined;

export interface NatsServerOptions {
  /** As nats-server's configuration writes it. Its own default is 1MB, too small for the largest record. */
  readonly maximumPayload?: string;
  /** Further lines of the configuration, for example `authorization { token: secret }`. */
  readonly configuration?: string;
  /** Further lines of its `jetstream` block, for example `sync_interval: always`. */
  readonly jetstream?: string;
}

/** nats-server with JetStream, on 127.0.0.1 and in a temporary folder. */
export interface NatsServer {
  readonly port: number;
  readonly processId: number;
  /** As POSITIONS_STREAM names a stream: `nats://127.0.0.1:<port>/positions`. */
  address(streamName?: string): string;
  /** SIGKILL; resolves when it has ended. */
  kill(): Promise<void>;
  /** SIGTERM; resolves when it has ended. */
  stop(): Promise<void>;
  /** Starts it again after kill or stop: the same port, the same folder. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  close(): Promise<void>;
}

export const startNatsServer = async ({
  maximumPayload = "2MB",
  configuration = "",
  jetstream = "",
}: NatsServerOptions = {}): Promise<NatsServer> => {
  if (PROGRAM === undefined) throw new Error(WITHOUT_NATS);
  const folder = mkdtempSync(join(tmpdir(), "backtrack-nats-"));
  const path = join(folder, "nats.conf");
  const launch = async (port: number): Promise<{ child: ChildProcess; port: number }> => {
    const lines = [
      // -1: a free one.
      `listen: "127.0.0.1:${port}"`,
      `max_payload: ${maximumPayload}`,
      `jetstream { store_dir: "${folder}"\n${jetstream} }`,
      configuration,
    ];
    writeFileSync(path, lines.join("\n"));
    const child = spawn(PROGRAM, ["-c", path], { stdio: ["ignore", "ignore", "pipe"] });
    watchChild(child);
    return { child, port: await portOf(child) };
  };
  let { child, port } = await launch(-1);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  };
  return {
    port,
    get processId() {
      return child.pid ?? -1;
    },
    address: (streamName = "positions") => `nats://127.0.0.1:${port}/${streamName}`,
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
    async restart() {
      await end("SIGKILL");
      ({ child, port } = await launch(port));
    },
    async close() {
      await end("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** Resolves when it is ready for clients. */
const portOf = async (child: ChildProcess): Promise<number> => {
  if (!child.stderr) throw new Error("nats-server has no standard error");
  const log: string[] = [];
  let port = 0;
  for await (const line of createInterface({ input: child.stderr })) {
    log.push(line);
    port = Number(/Listening for client connections on .*:(\d+)/.exec(line)?.[1] ?? port);
    if (!line.includes("Server is ready")) continue;
    // Nobody reads on, and a full pipe would stop it.
    child.stderr.resume();
    return port;
  }
  throw new Error(`nats-server ended:\n${log.join("\n")}`);
};
