import type { TObject, TSchema } from "typebox";
import type { Scope } from "../core/access/api-key.ts";
import type { BucketName } from "../resources/bucket.ts";
import type { UsesResources } from "../resources/kinds.ts";
import type { ScheduleGroupName } from "../resources/schedule-group.ts";
import type { StreamName } from "../resources/stream.ts";
import type { Access, TableName } from "../resources/table.ts";
import type { WorkflowName } from "../resources/workflow.ts";
import type { KnownFields } from "./known-fields.ts";
import type { DAMAGE_METRICS } from "./metric-names.ts";

/** One HTTP route of a function, in API Gateway's notation; also what the OpenAPI document is made of. */
export interface Route {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** For example `/devices/{deviceId}/track`. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  /**
   * The scope that a caller's key must have; `public`: no key is required. Only `ingest` accepts a key in the
   * query.
   */
  readonly access: Scope | "public";
  /** A further scope that the key must have, of a route that gives out what this scope protects. */
  readonly alsoNeeds?: Scope;
  /**
   * Admits keys with a device prefix: the handler itself keeps to the prefix (`request.caller`), or reveals
   * nothing about any device. Otherwise such a key is admitted only where the path (`deviceId`) or the query
   * (`device_id`) names a device of the prefix.
   */
  readonly admitsPrefixedKeys?: true;
  /** Path parameters; every `{name}` of the path. */
  readonly parameters?: TObject;
  /** Query parameters; one that is not listed is refused. */
  readonly query?: TObject;
  /** Headers that the handler reads and checks; only for the OpenAPI document. */
  readonly headers?: TObject;
  readonly body?: {
    readonly contentTypes: readonly string[];
    /** Checked before the handler runs; without one the handler gets the bytes. */
    readonly schema?: TSchema;
    /** For the OpenAPI document where no schema checks the body: what each content type holds. */
    readonly described?: Readonly<Record<string, TSchema>>;
    readonly description: string;
  };
  readonly responses: Readonly<Record<number, RouteResponse>>;
}

export interface RouteResponse {
  readonly description: string;
  /** Without one the response has no body. */
  readonly content?: Readonly<Record<string, TSchema>>;
}

/** What feeds a function from a stream, with the event source mapping's settings under their AWS names. */
export interface StreamTrigger {
  readonly stream: StreamName;
  readonly batchSize: number;
  readonly maximumBatchingWindowSeconds: number;
  readonly parallelizationFactor: number;
  readonly maximumRetryAttempts: number;
  readonly maximumRecordAgeSeconds: number;
  readonly bisectBatchOnFunctionError: boolean;
}

/**
 * Everything that a deployment must know about a function, as data. The CDK app, serverless-offline, the
 * event source and esbuild derive from it; nothing about a function is written twice. The fields that name
 * resources are those of lib/resources/.
 */
export interface FunctionDefinition extends UsesResources {
  /** The name of its folder, verb-noun. */
  readonly name: string;
  readonly description: string;
  readonly memoryMegabytes: number;
  readonly timeoutSeconds: number;
  /**
   * For a function that is called so often that a log line per call would cost more than the call: of the
   * calls that succeed, one in this many is logged and none is traced, and the platform logs only failures.
   * Without it every call is logged and traced.
   */
  readonly logsOneGoodCallIn?: number;
  /**
   * A bad version of it loses positions that nobody sends again, so in production a new one gets a tenth of
   * the calls at first, and is rolled back automatically. New versions of other functions get all calls at
   * once.
   */
  readonly canary?: true;
  readonly routes?: readonly Route[];
  readonly stream?: StreamTrigger;
  /** Every schedule of this group starts it. */
  readonly schedule?: ScheduleGroupName;
  /** Every file that is put there starts it. */
  readonly bucket?: BucketName;
  /**
   * Five fields in UTC: a clock calls it so, without a body. For functions that a room lists as `selfHosted`;
   * on AWS nothing reads it.
   */
  readonly cron?: string;
  /** The workflows that call it as a task. */
  readonly taskOf?: WorkflowName | readonly WorkflowName[];
  /** What it counts when it meets stored bytes that can't be read; an alarm watches it. */
  readonly reportsDamage?: keyof typeof DAMAGE_METRICS;
  /** Further variables, with their default values. */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * Checks the data where it is written and keeps its own type, from which its handlers and its environment get
 * theirs. Adds what follows from it: a function with a route that is not public reads the tables of keys and
 * of tenants' limits, and counts requests.
 */
export const defineFunction = <const D extends FunctionDefinition>(
  definition: D & KnownFields<D, FunctionDefinition>,
): D =>
  asksForKeys(definition)
    ? { ...definition, tables: { ...ACCESS_TABLES, ...definition.tables } }
    : definition;

/** What finding out who calls, and whether the request is within the limits, takes. */
export const ACCESS_TABLES = { keys: "read", tenants: "read", usage: "write" } as const satisfies Partial<
  Record<TableName, Access>
>;

/**
 * Whether it has a route that requires a key. Such a function finds in ACCESS_VARIABLE whether keys are
 * required at all.
 */
export const asksForKeys = ({ routes = [] }: FunctionDefinition): boolean =>
  routes.some(({ access }) => access !== "public");

/** `keys`: a key is required wherever the route says so. `open`: anybody may do anything. */
export type AccessMode = "keys" | "open";

export const ACCESS_VARIABLE = "ACCESS";

/** The workflows that call a function as a task. */
export const workflowsOf = ({ taskOf = [] }: FunctionDefinition): readonly WorkflowName[] =>
  typeof taskOf === "string" ? [taskOf] : taskOf;

/** The further variables of a function, with what a deployment sets instead of their defaults. */
export const settingsOf = (
  { environment = {} }: FunctionDefinition,
  settings: Readonly<Record<string, string | undefined>>,
): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, settings[name] ?? value]));

/**
 * `play-replay` -> `PlayReplayFunctionArn`: the placeholder that stands for a function in
 * workflows/*.asl.json.
 */
export const functionArnPlaceholder = (functionName: string): string =>
  `${functionName
    .split("-")
    .map((word) => word[0].toUpperCase() + word.slice(1))
    .join("")}FunctionArn`;
