import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { newCredentials } from "../../engines/server/access-key.ts";
import { GROUPS } from "../../functions/groups.ts";
import { REGION } from "../../hosts/lambda-events/stand-ins.ts";
import { INVOKE_TOKEN_SECRET } from "../../hosts/openfaas/invocation.ts";
import { localClientSettings } from "../../infra/engine/clients.ts";
import { TABLE_PREFIX } from "../../infra/engine/tables.ts";
import { freePorts } from "../../infra/local/stack/ports.ts";
import { bundleGroups } from "../../infra/openfaas/bundle.ts";
import { groupEnvironment, type SelfHostedParts } from "../../infra/openfaas/environment.ts";
import { HEALTH_PATH } from "../../infra/store/embedded/server.ts";
import { dynamoApiKeyStore } from "../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../lib/adapters/dynamodb/client.ts";
import { keySecrets } from "../../lib/adapters/key-secrets.ts";
import { SCOPES } from "../../lib/core/access/api-key.ts";
import { createKey } from "../../lib/core/access/create-key.ts";
import { type NatsServer, startNatsServer } from "../nats-server.ts";
import { startGateway } from "./gateway.ts";
import { type Supervised, supervise } from "./supervised.ts";

export interface SelfHostedOptions {
  /** How many engines share the work; default 1. */
  readonly engines?: number;
  /** Every further engine reads the whole stream by itself, from checkpoints of its own. */
  readonly sharesNothing?: boolean;
  /** Of every engine. */
  readonly engineEnvironment?: Readonly<Record<string, string>>;
  /** Of the group that the stream feeds. */
  readonly streamEnvironment?: Readonly<Record<string, string>>;
  /** Node's arguments before that group's program. */
  readonly streamArguments?: readonly string[];
}

/** A self-hosted Backtrack of real processes, each started again when it ends. */
export interface SelfHosted {
  /** Through the gateway. */
  readonly apiUrl: string;
  /** Of every scope. */
  readonly key: string;
  readonly nats: NatsServer;
  readonly store: Supervised;
  readonly engines: readonly Supervised[];
  group(shortName: string): Supervised;
  readonly dynamodb: DynamoDBClient;
  /** What a process beside it needs in its environment to use it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly inboxFolder: string;
  /** Where commands would look for the stack of `npm start`; there is none. */
  readonly stackFile: string;
  /** Milliseconds from nothing until everything could be used; bundles were ready. */
  readonly readyMilliseconds: number;
  /** Everything that its processes have printed. */
  log(): string;
  stop(): Promise<void>;
}

/** Where the gateway has the whole API. */
const API_PATH = "/function/backtrack";
/** A gateway for Backtrack must wait longer than the longest function may take. */
const LONGEST_CALL_MILLISECONDS = 16 * 60_000;

let bundling: Promise<ReadonlyMap<string, string>> | undefined;

/** The program of each group by its name; bundled once in a process. */
const bundledGroups = (): Promise<ReadonlyMap<string, string>> => {
  bundling ??= bundle();
  return bundling;
};

export const startSelfHosted = async (options: SelfHostedOptions = {}): Promise<SelfHosted> => {
  const bundles = await bundledGroups();
  const cleanUp = new AsyncDisposableStack();
  try {
    const started = await start(options, bundles, cleanUp);
    return { ...started, stop: () => cleanUp.disposeAsync() };
  } catch (error) {
    await cleanUp.disposeAsync();
    throw error;
  }
};

const bundle = async (): Promise<ReadonlyMap<string, string>> => {
  const outdir = mkdtempSync(join(tmpdir(), "backtrack-groups-"));
  process.on("exit", () => rmSync(outdir, { recursive: true, force: true }));
  return new Map((await bundleGroups({ outdir })).map(({ name, file }) => [name, file]));
};

const start = async (
  {
    engines: engineCount = 1,
    engineEnvironment = {},
    sharesNothing = false,
    streamEnvironment = {},
    streamArguments = [],
  }: SelfHostedOptions,
  bundles: ReadonlyMap<string, string>,
  cleanUp: AsyncDisposableStack,
): Promise<Omit<SelfHosted, "stop">> => {
  const startedMs = performance.now();
  const folder = mkdtempSync(join(tmpdir(), "backtrack-self-hosted-"));
  cleanUp.defer(() => rmSync(folder, { recursive: true, force: true }));
  const inboxFolder = join(folder, "inbox");
  const secretsFolder = join(folder, "secrets");
  for (const path of [inboxFolder, secretsFolder]) mkdirSync(path);
  writeFileSync(join(secretsFolder, INVOKE_TOKEN_SECRET), randomUUID(), { mode: 0o600 });

  const nats = await startNatsServer();
  cleanUp.defer(() => nats.close());
  const credentials = newCredentials();
  const [storePort, gatewayPort, ...ports] = await freePorts(2 + GROUPS.length + 2 * engineCount);
  const [groupPorts, enginePorts] = [ports.slice(0, GROUPS.length), ports.slice(GROUPS.length)];
  const at = (port: number): string => `http://127.0.0.1:${port}`;
  const access = {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  const environment = {
    ...access,
    AWS_ENDPOINT_URL_DYNAMODB: at(storePort),
    POSITIONS_STREAM: nats.address(),
    TABLE_PREFIX,
    SECRETS_FOLDER: secretsFolder,
  };
  const running: Supervised[] = [];
  cleanUp.defer(async () => {
    await Promise.all(running.map((each) => each.stop()));
  });
  const run = (program: Parameters<typeof supervise>[0]): Supervised => {
    const supervised = supervise(program);
    running.push(supervised);
    return supervised;
  };

  const store = run({
    name: "store",
    args: ["infra/store/store.ts", "serve", "--data", join(folder, "store"), "--port", String(storePort)],
    env: access,
    readyUrl: at(storePort) + HEALTH_PATH,
  });
  await store.whenReady();

  const parts: SelfHostedParts = {
    storeUrl: at(storePort),
    engineUrl: at(enginePorts[0]),
    positionsStream: nats.address(),
    secretsFolder,
  };
  const groups = new Map(
    GROUPS.map((group, index) => {
      const isStream = group.shortName === "stream";
      const program = {
        name: group.name,
        args: [...(isStream ? streamArguments : []), bundles.get(group.name) ?? ""],
        env: {
          ...groupEnvironment(group, parts),
          ...access,
          ...(group.shortName === "http" && { PUBLIC_PREFIX: API_PATH }),
          ...(isStream && streamEnvironment),
          HOST: "127.0.0.1",
          PORT: String(groupPorts[index]),
          DRAIN_SECONDS: "0",
        },
        readyUrl: `${at(groupPorts[index])}/_/ready`,
      };
      return [group.shortName, run(program)] as const;
    }),
  );
  const engines = Array.from({ length: engineCount }, (_, index) =>
    run({
      name: `engine ${index + 1}`,
      args: ["infra/engine/engine.ts"],
      env: {
        ...environment,
        ENGINE_PORT: String(enginePorts[2 * index]),
        ENGINE_OPERATIONS_PORT: String(enginePorts[2 * index + 1]),
        FUNCTIONS_URL: at(gatewayPort),
        INBOX_FOLDER: inboxFolder,
        ...engineEnvironment,
        ...(index > 0 && sharesNothing && { ENGINE_ROLES: "bridge", TABLE_PREFIX: `alone-${index}-` }),
      },
      // A standby of the first is healthy, and not ready.
      readyUrl: `${at(enginePorts[2 * index + 1])}/${index === 0 ? "readyz" : "healthz"}`,
    }),
  );
  const gateway = await startGateway({
    port: gatewayPort,
    timeoutMilliseconds: LONGEST_CALL_MILLISECONDS,
    functions: Object.fromEntries(GROUPS.map(({ name }, index) => [name, at(groupPorts[index])])),
  });
  cleanUp.defer(() => gateway.close());
  await Promise.all([...groups.values(), ...engines].map((each) => each.whenReady()));
  const dynamodb = dynamoClient(localClientSettings(at(storePort), credentials));
  cleanUp.defer(() => dynamodb.destroy());
  return {
    apiUrl: at(gatewayPort) + API_PATH,
    key: await firstKey(dynamodb),
    nats,
    store,
    engines,
    group(shortName) {
      const group = groups.get(shortName);
      if (!group) throw new RangeError(`there is no group ${shortName}`);
      return group;
    },
    dynamodb,
    environment,
    inboxFolder,
    stackFile: join(folder, "stack.json"),
    readyMilliseconds: performance.now() - startedMs,
    log: () => running.map((each) => each.log()).join(""),
  };
};

const firstKey = async (dynamodb: DynamoDBClient): Promise<string> => {
  const keys = dynamoApiKeyStore(dynamodb, `${TABLE_PREFIX}keys`);
  const { text } = await createKey(
    { keys, secrets: keySecrets, now: Date.now },
    { name: "tests", scopes: SCOPES },
  );
  return text;
};
