import { join } from "node:path";
import { newCredentials } from "../../../engines/server/access-key.ts";
import type { AccessMode } from "../../../lib/runtime/definition.ts";
import { allOrNothing } from "./all-or-nothing.ts";
import { holdDataFolder } from "./data-folder.ts";
import { startEmulators } from "./emulators.ts";
import { functionEnvironment } from "./function-environment.ts";
import { type FunctionHost, startFunctionHost } from "./function-host.ts";
import { KEEP_READ_BYTES } from "./keep-stream-small.ts";
import { openFolder } from "./own-folder.ts";
import { checkPort, freePorts } from "./ports.ts";
import { showPresence } from "./presence.ts";
import { registerStack } from "./registry.ts";
import type { StackAddress } from "./stack-file.ts";
import { openTemporaryFolder } from "./temporary-folder.ts";
import { startTriggers } from "./triggers.ts";

export interface StackOptions {
  /**
   * Whether the API requires keys; `open`, the default, is for this machine, which is all that it listens to.
   */
  readonly access?: AccessMode;
  /** Host names that the API answers to, besides those of the loopback. */
  readonly allowedHosts?: readonly string[];
  /** Web pages that may use the API, besides its own: `https://fleet.example`. */
  readonly allowedOrigins?: readonly string[];
  /** The API's; 0, the default, picks any free one. */
  readonly httpPort?: number;
  /** Settings that replace the defaults of the functions' definitions. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Keeps stream, tables and executions across restarts; if absent, the tables are in a temporary folder. */
  readonly dataFolder?: string;
  /** How much of the stream stays after every function has read it; what has not been read always stays. */
  readonly keepReadBytes?: number;
  /** Files that are put there are imported; default: `inbox` in the data folder, or in a temporary one. */
  readonly inboxFolder?: string;
  /** Where other processes find this stack; if absent, they can't. */
  readonly registryPath?: string;
  /** Receives what happens meanwhile, line by line; default: standard error. */
  readonly say?: (line: string) => void;
}

/** A whole Backtrack on this machine. */
export interface Stack {
  readonly address: StackAddress;
  /** The process that runs the functions; undefined while it restarts. */
  functionHostProcessId(): number | undefined;
  /** Resolves at once while the functions run, else when they run again. */
  whenFunctionsRun(): Promise<void>;
  /** Rejects when something can't be kept running; else never settles. */
  readonly failed: Promise<never>;
  /**
   * Ends every process, connection and timer of the stack, within 2 seconds. Calling it again is harmless.
   */
  stop(): Promise<void>;
}

/**
 * Starts stream, tables, functions, pollers and workflows on 127.0.0.1. If anything can't be started, the
 * rest is stopped again, and a CommandFailure says why.
 */
export const startStack = async (options: StackOptions = {}): Promise<Stack> => {
  const cleanUp = new AsyncDisposableStack();
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= cleanUp.disposeAsync();
    return stopped;
  };
  try {
    return { ...(await start(options, cleanUp)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

const start = async (options: StackOptions, cleanUp: AsyncDisposableStack): Promise<Omit<Stack, "stop">> => {
  const {
    access = "open",
    settings,
    httpPort = 0,
    dataFolder,
    keepReadBytes = KEEP_READ_BYTES,
    registryPath,
    say = sayOnStandardError,
  } = options;
  if (httpPort !== 0) await checkPort(httpPort);
  const { end, ...presence } = await showPresence();
  cleanUp.defer(end);
  const data = dataFolder === undefined ? undefined : await holdDataFolder(dataFolder, presence);
  cleanUp.defer(() => data?.release());
  // Tables are not in memory: a night at a few hundred positions a second would take gigabytes. The stream
  // is: it is trimmed.
  const { path: folder, release } =
    dataFolder === undefined ? openTemporaryFolder(presence) : { path: dataFolder, release: () => {} };
  cleanUp.defer(release);
  const inboxFolder = openFolder("inbox", options.inboxFolder ?? join(folder, "inbox"));
  const failedRecordsFolder = openFolder("failed-records", join(folder, "failed-records"));

  const [http, lambda, kinesis, dynamodb, stepFunctions, scheduler] = await freePorts(6);
  const ports = { http: httpPort || http, lambda, kinesis, dynamodb, stepFunctions, scheduler };
  const at = (port: number): string => `http://127.0.0.1:${port}`;
  const address: StackAddress = {
    apiUrl: at(ports.http),
    lambdaEndpoint: at(ports.lambda),
    kinesisEndpoint: at(ports.kinesis),
    dynamodbEndpoint: at(ports.dynamodb),
    stepFunctionsEndpoint: at(ports.stepFunctions),
    schedulerEndpoint: at(ports.scheduler),
    credentials: newCredentials(),
    inboxFolder,
    failedRecordsFolder,
    ...(dataFolder !== undefined && { dataFolder }),
  };

  // The functions take as long to load as stream and tables do to come up, so both happen at once.
  const [host, stream] = await allOrNothing([
    startHost({ ...options, access, settings, address, ports, say }, cleanUp),
    startEmulators(ports, address.credentials, { kinesis: dataFolder, dynamodb: folder }, cleanUp),
  ]);
  await startTriggers({ address, ports, stream, keepReadBytes, say }, cleanUp);

  if (registryPath !== undefined) {
    const { others, withdraw } = await registerStack(registryPath, {
      processId: process.pid,
      presence,
      address,
    });
    cleanUp.defer(withdraw);
    for (const { apiUrl } of others) {
      say(`another stack runs at ${apiUrl}; tail, invoke, keys and redrive need --url to choose`);
    }
  }
  return {
    address,
    functionHostProcessId: host.processId,
    whenFunctionsRun: host.whenReady,
    failed: host.failed,
  };
};

const sayOnStandardError = (line: string): void => {
  process.stderr.write(`backtrack: ${line}\n`);
};

interface HostOptions extends Pick<StackOptions, "allowedHosts" | "allowedOrigins"> {
  readonly access: AccessMode;
  readonly settings: Readonly<Record<string, string>> | undefined;
  readonly address: StackAddress;
  readonly ports: { readonly http: number; readonly lambda: number };
  readonly say: (line: string) => void;
}

const startHost = async (
  { access, settings, address, ports, say, allowedHosts, allowedOrigins }: HostOptions,
  cleanUp: AsyncDisposableStack,
): Promise<FunctionHost> => {
  const host = await startFunctionHost({
    access,
    settings,
    httpPort: ports.http,
    lambdaPort: ports.lambda,
    allowedHosts,
    allowedOrigins,
    environment: functionEnvironment(address),
    onRestart: (reason) => say(`the functions' process ended (${reason}); restarting it`),
  });
  cleanUp.defer(host.stop);
  return host;
};
