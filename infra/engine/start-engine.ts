import { functionsAddress } from "../../engines/functions/functions-address.ts";
import { type HttpInvoke, httpInvoke } from "../../engines/functions/invoke-function.ts";
import { invokeTokenHeaders } from "../../engines/functions/invoke-token.ts";
import type { RequestHead } from "../../engines/server/guard.ts";
import type { Answer } from "../../engines/server/http-server.ts";
import { serve } from "../../engines/server/http-server.ts";
import { signedRequests } from "../../engines/server/signed-requests.ts";
import { groupOf } from "../../functions/groups.ts";
import { MANIFEST } from "../../functions/manifest.ts";
import { dynamoClient } from "../../lib/adapters/dynamodb/client.ts";
import { MisconfiguredError } from "../../lib/core/errors.ts";
import { failure, systemCode } from "../command/failure.ts";
import { acceptedAccessKeys } from "./access-keys.ts";
import { FILES_PATH, filesApi } from "./files-api.ts";
import type { Log } from "./log.ts";
import { EngineMetrics } from "./metrics.ts";
import { operationsApi } from "./operations.ts";
import { positionsOf } from "./positions.ts";
import { prepareStore, storeCheck } from "./prepare-store.ts";
import { readinessOf } from "./readiness.ts";
import { startRoles } from "./roles.ts";
import type { EngineSettings } from "./settings.ts";
import { watchWork } from "./watch-work.ts";

/** An engine that runs. */
export interface Engine {
  /** Of the APIs, for example `http://127.0.0.1:8090`. */
  readonly endpoint: string;
  readonly operationsEndpoint: string;
  /**
   * Hands every lease over, ends calls in flight within the time for that, and then closes. Calling it again
   * is harmless.
   */
  close(): Promise<void>;
}

/**
 * Starts an engine. Waits for store and stream while they are away; rejects with a CommandFailure when a
 * setting is wrong, or when something is missing that it may not create.
 */
export const startEngine = async (settings: EngineSettings, log: Log): Promise<Engine> => {
  const cleanUp = new AsyncDisposableStack();
  try {
    return await start(settings, log, cleanUp);
  } catch (error) {
    await cleanUp.disposeAsync();
    throw error instanceof MisconfiguredError ? failure(error.message, error) : error;
  }
};

const start = async (settings: EngineSettings, log: Log, cleanUp: AsyncDisposableStack): Promise<Engine> => {
  const { host, port, operationsPort, inboxFolder, roles } = settings;
  const metrics = new EngineMetrics();
  const say = (line: string): void => {
    metrics.trouble("warn");
    log("warn", line);
  };
  const keys = acceptedAccessKeys();
  const functions = invokeOf(settings);
  cleanUp.defer(async () => functions.close());
  const dynamodb = dynamoClient();
  cleanUp.defer(async () => dynamodb.destroy());
  const positions = roles.has("bridge") ? positionsOf(settings) : undefined;
  cleanUp.defer(async () => positions?.close());
  const checkStore = storeCheck(dynamodb, settings);

  // Alive from here on, and not ready: store and stream may come later than we do.
  let draining = false;
  let working: ReturnType<typeof startRoles> | undefined;
  const operations = await serve(
    operationsApi({
      registry: metrics.registry,
      readiness: (role) =>
        readinessOf(
          {
            standings: working?.standings ?? {},
            isStarting: () => !working,
            isDraining: () => draining,
            checkStore,
            ...(positions && { checkStream: positions.check }),
          },
          role,
        ),
    }),
    { host, port: operationsPort },
  ).catch(listenFailure("ENGINE_OPERATIONS_PORT", host, operationsPort));
  cleanUp.defer(() => operations.close());

  await prepareStore(dynamodb, positions, settings, log);
  working = startRoles({
    settings,
    dynamodb,
    invoke: metrics.counting(functions.invoke),
    metrics,
    say,
    ...(positions && { positions }),
  });
  const { close: closeRoles, workflowsApi, schedulesApi } = working;
  cleanUp.defer(closeRoles);
  if (positions) watchWork({ metrics, positions, readings: working.readings, say });
  metrics.standings(working.standings, working.readings);

  const apis: Apis = {
    workflows: workflowsApi,
    schedules: schedulesApi,
    ...(inboxFolder !== undefined && { files: filesApi(inboxFolder) }),
  };
  const server = await serve(answerOf(apis), {
    host,
    port,
    guard: signedRequests({ keys, serviceOf, clock: Date.now }),
  }).catch(listenFailure("ENGINE_PORT", host, port));
  cleanUp.defer(() => server.close());

  let closing: Promise<void> | undefined;
  const shutDown = async (): Promise<void> => {
    draining = true;
    // The API answers until the leases are handed over: calls in flight may need it to end.
    await closeRoles();
    await cleanUp.disposeAsync();
  };
  return {
    endpoint: server.endpoint,
    operationsEndpoint: operations.endpoint,
    close: () => {
      closing ??= shutDown();
      return closing;
    },
  };
};

const LISTEN_REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "something else listens there",
  EACCES: "this account may not listen there",
  EADDRNOTAVAIL: "this machine has no such address",
  ENOTFOUND: "nobody knows this address",
};

const listenFailure =
  (variable: string, host: string, port: number) =>
  (error: unknown): never => {
    const reason = LISTEN_REASONS[systemCode(error) ?? ""];
    if (reason === undefined) throw error;
    throw failure(`${variable}: can't listen at ${host}:${port}: ${reason}`, error);
  };

/** Calls functions at their groups' addresses, each for as long as its definition allows. */
const invokeOf = ({ functionsUrl, secretsFolder }: EngineSettings): HttpInvoke => {
  const headers = invokeTokenHeaders(secretsFolder);
  try {
    headers();
  } catch (error) {
    throw failure((error as Error).message, error);
  }
  const timeoutSeconds = new Map(MANIFEST.map((definition) => [definition.name, definition.timeoutSeconds]));
  return httpInvoke({
    endpoint: functionsAddress(functionsUrl, groupOf),
    headers,
    timeoutSeconds: (functionName) => timeoutSeconds.get(functionName) ?? 0,
  });
};

interface Apis {
  readonly workflows: Answer;
  readonly schedules: Answer;
  readonly files?: Answer;
}

type Api = keyof Apis;

/** As AWS's clients address them: schedules and files by path, workflows by a header. */
const apiOf = ({ url }: Pick<RequestHead, "url">): Api => {
  if (url.startsWith(FILES_PATH)) return "files";
  return /^\/schedules([/?]|$)/.test(url) ? "schedules" : "workflows";
};

const SERVICES: Readonly<Record<Api, string>> = { workflows: "states", schedules: "scheduler", files: "s3" };
const serviceOf = (head: RequestHead): string => SERVICES[apiOf(head)];

const answerOf =
  (apis: Apis): Answer =>
  async (request) =>
    apis[apiOf(request)]?.(request) ?? { status: 404, headers: {}, body: "" };
