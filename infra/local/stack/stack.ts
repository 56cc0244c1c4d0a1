import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { CHECKPOINT_TABLE } from "../../../engines/event-source/dynamodb-checkpoint-store.ts";
import { LEASE_TABLE } from "../../../engines/lease/dynamodb-lease-store.ts";
import { SCHEDULE_TABLE } from "../../../engines/scheduler/dynamodb-schedule-store.ts";
import { type LocalCredentials, newCredentials } from "../../../engines/server/access-key.ts";
import { EXECUTION_TABLE } from "../../../engines/workflow-runner/dynamodb-execution-store.ts";
import type { AccessMode } from "../../../lib/runtime/definition.ts";
import { localClientSettings } from "../clients.ts";
import { keepExpiringItems } from "../dynamodb/expire-items.ts";
import { startDynamodb } from "../dynamodb/server.ts";
import type { RecordStore } from "../kinesis/record-store.ts";
import { startKinesis } from "../kinesis/server.ts";
import { streamTrimmer } from "../kinesis/trim-stream.ts";
import { streamName } from "../names.ts";
import { createResources, createTable } from "../resources.ts";
import { holdDataFolder } from "./data-folder.ts";
import { CHECKPOINTS_TABLE_NAME, type StreamReading, startEventSources } from "./event-sources.ts";
import { functionEnvironment } from "./function-environment.ts";
import { type FunctionHost, startFunctionHost } from "./function-host.ts";
import { invokeOn } from "./functions.ts";
import { startInbox } from "./inbox.ts";
import { KEEP_READ_BYTES, keepStreamSmall } from "./keep-stream-small.ts";
import { LEASES_TABLE_NAME, ownLeases } from "./leases.ts";
import { openFolder } from "./own-folder.ts";
import { checkPort, freePorts } from "./ports.ts";
import { showPresence } from "./presence.ts";
import { registerStack } from "./registry.ts";
import { SCHEDULES_TABLE_NAME, startSchedules } from "./schedules.ts";
import type { StackAddress } from "./stack-file.ts";
import { openTemporaryFolder } from "./temporary-folder.ts";
import { EXECUTIONS_TABLE_NAME, startWorkflows } from "./workflows.ts";

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
  const [host, records] = await allOrNothing([
    startHost({ ...options, access, settings, address, ports, say }, cleanUp),
    startEngines(ports, address.credentials, { kinesis: dataFolder, dynamodb: folder }, cleanUp),
  ]);
  await startTriggers({ address, ports, records, keepReadBytes, say }, cleanUp);

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

/**
 * Like Promise.all, but rejects only when every one has settled, so that nothing starts after the clean-up.
 */
const allOrNothing = async <First, Second>(
  tasks: readonly [Promise<First>, Promise<Second>],
): Promise<[First, Second]> => {
  await Promise.allSettled(tasks);
  return Promise.all(tasks);
};

interface EnginePorts {
  readonly kinesis: number;
  readonly dynamodb: number;
}

/** Stream and tables, and everything that must exist in them. */
const startEngines = async (
  ports: EnginePorts,
  credentials: LocalCredentials,
  folders: { readonly kinesis?: string; readonly dynamodb: string },
  cleanUp: AsyncDisposableStack,
): Promise<RecordStore> => {
  const { accessKeyId } = credentials;
  const [kinesisServer, dynamodbServer] = await allOrNothing([
    startKinesis({
      port: ports.kinesis,
      path: folders.kinesis && join(folders.kinesis, "kinesis"),
      accessKeyId,
    }),
    startDynamodb({ port: ports.dynamodb, path: join(folders.dynamodb, "dynamodb"), accessKeyId }),
  ]);
  cleanUp.defer(async () => {
    await Promise.all([kinesisServer.close(), dynamodbServer.close()]);
  });
  const kinesis = new KinesisClient(localClientSettings(kinesisServer.endpoint, credentials));
  const dynamodb = new DynamoDBClient(localClientSettings(dynamodbServer.endpoint, credentials));
  try {
    await Promise.all([
      createResources({ kinesis, dynamodb }),
      createTable(dynamodb, CHECKPOINTS_TABLE_NAME, CHECKPOINT_TABLE),
      createTable(dynamodb, LEASES_TABLE_NAME, LEASE_TABLE),
      createTable(dynamodb, EXECUTIONS_TABLE_NAME, EXECUTION_TABLE),
      createTable(dynamodb, SCHEDULES_TABLE_NAME, SCHEDULE_TABLE),
    ]);
    const expiring = keepExpiringItems(dynamodbServer.endpoint, credentials);
    cleanUp.defer(() => expiring.stop());
  } finally {
    kinesis.destroy();
    dynamodb.destroy();
  }
  return kinesisServer.records;
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

interface TriggerOptions {
  readonly address: StackAddress;
  readonly ports: { readonly stepFunctions: number; readonly scheduler: number };
  readonly records: RecordStore;
  readonly keepReadBytes: number;
  readonly say: (line: string) => void;
}

/**
 * What calls the functions: pollers, workflows, schedules and files. They resume work from the data folder,
 * so the functions must run.
 */
const startTriggers = async (
  { address, ports, records, keepReadBytes, say }: TriggerOptions,
  cleanUp: AsyncDisposableStack,
): Promise<void> => {
  const { invoke, close } = invokeOn(address);
  const kinesis = new KinesisClient(localClientSettings(address.kinesisEndpoint, address.credentials));
  const dynamodb = new DynamoDBClient(localClientSettings(address.dynamodbEndpoint, address.credentials));
  cleanUp.defer(() => {
    close();
    kinesis.destroy();
    dynamodb.destroy();
  });
  const port = ports.stepFunctions;
  const { accessKeyId } = address.credentials;
  const sharing = ownLeases(dynamodb);
  const workflows = await startWorkflows({ port, accessKeyId, dynamodb, sharing, invoke, say });
  cleanUp.defer(() => workflows.close());
  const schedules = await startSchedules({
    port: ports.scheduler,
    accessKeyId,
    dynamodb,
    sharing,
    invoke,
    say,
  });
  const readings = startEventSources({
    kinesis,
    dynamodb,
    sharing,
    invoke,
    failedRecordsFolder: address.failedRecordsFolder,
    say,
  });
  const trimming = startTrimming(readings, records, keepReadBytes, say);
  const inbox = startInbox({ folder: address.inboxFolder, sharing, invoke, say });
  cleanUp.defer(async () => {
    await Promise.all([
      inbox.close(),
      schedules.close(),
      ...trimming.map((each) => each.stop()),
      ...readings.map(({ source }) => source.close(CLOSE_MILLISECONDS)),
    ]);
  });
};

/** Each stream is kept as small as its slowest reader allows. */
const startTrimming = (
  readings: readonly StreamReading[],
  records: RecordStore,
  keepReadBytes: number,
  say: (line: string) => void,
) =>
  [...Map.groupBy(readings, ({ stream }) => stream)].map(([stream, readers]) =>
    keepStreamSmall({
      trimmer: streamTrimmer(records, streamName(stream), keepReadBytes),
      readers: readers.map(({ checkpoints }) => checkpoints),
      streamCreatedAtMs: readers[0].streamCreatedAtMs,
      onError: (error) => say(`stream ${stream} could not be trimmed, trying again soon: ${error}`),
    }),
  );

/** A batch in progress may finish; one that takes longer is delivered again by the next stack. */
const CLOSE_MILLISECONDS = 300;
