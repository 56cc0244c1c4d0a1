import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import {
  Alias,
  ApplicationLogLevel,
  Architecture,
  type Code,
  type IFunction,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import {
  ACCESS_VARIABLE,
  asksForKeys,
  type FunctionDefinition,
  settingsOf,
} from "../../lib/runtime/definition.ts";
import { LOG_EVERY_CALL_VARIABLE } from "../../lib/runtime/sampling.ts";
import { EARLIEST_VARIABLE, MAXIMUM_AHEAD_VARIABLE } from "../../lib/runtime/timestamp-rules.ts";
import { InlineRole } from "./inline-role.ts";
import { physicalName, rootStackOf } from "./names.ts";
import type { Settings } from "./settings.ts";

export interface BacktrackFunctionProps {
  readonly definition: FunctionDefinition;
  /** The function's bundle: `index.js` exports `handler`. */
  readonly code: Code;
  readonly key: IKey;
  readonly settings: Settings;
}

/** One function of the manifest: its role, which at first may only write its log; its log; its code. */
export class BacktrackFunction extends Construct {
  readonly definition: FunctionDefinition;
  readonly lambda: LambdaFunction;
  readonly logGroup: LogGroup;
  /** What callers use: the alias that CodeDeploy moves if there is one, otherwise the function. */
  readonly entry: IFunction;
  readonly alias?: Alias;

  constructor(scope: Construct, id: string, { definition, code, key, settings }: BacktrackFunctionProps) {
    super(scope, id);
    this.definition = definition;
    const isBusy = definition.logsOneGoodCallIn !== undefined;
    this.logGroup = new LogGroup(this, "Logs", {
      // The functions' own logs say whose key requested what.
      retention: asksForKeys(definition) ? settings.accessLogRetentionDays : settings.logRetentionDays,
      encryptionKey: key,
      removalPolicy: settings.isProduction ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const role = new InlineRole(this, "Role", {
      description: `Backtrack: ${definition.name}`,
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    });
    this.logGroup.grantWrite(role);
    this.lambda = new LambdaFunction(this, "Function", {
      functionName: physicalName(this, definition.name),
      description: definition.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code,
      handler: "index.handler",
      memorySize: definition.memoryMegabytes,
      timeout: Duration.seconds(definition.timeoutSeconds),
      reservedConcurrentExecutions: reservedConcurrency(definition, settings),
      role,
      logGroup: this.logGroup,
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: ApplicationLogLevel.INFO,
      // The application's level is INFO everywhere: at WARN Lambda would drop the metrics, which are lines
      // without a level.
      systemLogLevelV2: isBusy ? SystemLogLevel.WARN : SystemLogLevel.INFO,
      tracing: isBusy ? Tracing.DISABLED : Tracing.ACTIVE,
      environment: {
        NODE_OPTIONS: "--enable-source-maps",
        POWERTOOLS_LOG_LEVEL: "INFO",
        // Keeps the metrics of several stages apart.
        POWERTOOLS_SERVICE_NAME: rootStackOf(this).stackName,
        ...(asksForKeys(definition) && { [ACCESS_VARIABLE]: settings.apiAccess }),
        // Every call must show who requested what.
        ...(isBusy && settings.isHipaa && { [LOG_EVERY_CALL_VARIABLE]: "true" }),
        ...settingsOf(definition, {
          [MAXIMUM_AHEAD_VARIABLE]: settings.maximumAheadSeconds?.toString(),
          [EARLIEST_VARIABLE]: settings.earliestTimestamp,
        }),
      },
      environmentEncryption: settings.isHipaa ? key : undefined,
    });
    if (settings.isHipaa) key.grant(role, "kms:Decrypt");
    if (settings.isProduction && definition.canary) {
      this.alias = new Alias(this, "Live", { aliasName: "live", version: this.lambda.currentVersion });
    }
    this.entry = this.alias ?? this.lambda;
  }
}

/**
 * Only production processes two batches of a shard at once: a new account has ten executions for everything.
 */
export const parallelizationOf = (
  { parallelizationFactor }: { readonly parallelizationFactor: number },
  { isProduction }: Settings,
): number => (isProduction ? parallelizationFactor : 1);

/** How many requests a second Lambda accepts at a function URL for each reserved execution. */
const URL_REQUESTS_PER_SECOND_AND_CONCURRENCY = 10;

/** Whether it accepts positions over HTTP: then all its routes are for that. */
export const takesPositions = ({ routes = [] }: FunctionDefinition): boolean =>
  routes.some(({ access }) => access === "ingest");

/**
 * Executions reserved for the road of positions, whatever the API and the replays use of the account's pool:
 * exactly as many as the event source mapping can run at once, so that the reservation never holds the road
 * back. With an on-demand stream, which adds shards by itself, any number would. Only on request: a new
 * account has too few to reserve. With a function URL, the function that accepts positions is throttled by
 * its reserved concurrency instead of by the API.
 */
export const reservedConcurrency = (
  definition: FunctionDefinition,
  settings: Settings,
): number | undefined => {
  const { streamShards, reservesConcurrency, hasIngestUrl, requestsPerSecond } = settings;
  const { stream } = definition;
  if (hasIngestUrl && takesPositions(definition)) {
    return Math.ceil(requestsPerSecond / URL_REQUESTS_PER_SECOND_AND_CONCURRENCY);
  }
  return stream && reservesConcurrency && streamShards
    ? streamShards * parallelizationOf(stream, settings)
    : undefined;
};
