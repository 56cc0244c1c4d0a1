import type { Group } from "../../functions/groups.ts";
import { ACCOUNT, REGION } from "../../hosts/lambda-events/stand-ins.ts";
import type { AccessMode } from "../../lib/runtime/definition.ts";
import { DEFAULT_SECRETS_FOLDER } from "../../lib/secrets/secret-file.ts";
import { environmentOf } from "../engine/names.ts";
import { TABLE_PREFIX } from "../engine/tables.ts";

/** What of a self-hosted Backtrack lies outside its functions. */
export interface SelfHostedParts {
  /** A store with DynamoDB's API. */
  readonly storeUrl: string;
  /** The engine, with the APIs of workflows and schedules. */
  readonly engineUrl: string;
  /** nats://host:4222/<stream> */
  readonly positionsStream: string;
  /** Where files are read: the engine's, or a bucket. Default: the engine's. */
  readonly recordings?: string;
  readonly access?: AccessMode;
  /** Default: `backtrack-`. */
  readonly tablePrefix?: string;
  /** Default: where OpenFaaS mounts them. */
  readonly secretsFolder?: string;
  /** Limits and settings of definitions, by their variables. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The parts by the names that stack.yml and the manifests give them. */
export const DEFAULT_PARTS: SelfHostedParts = {
  storeUrl: "http://backtrack-store:8000",
  engineUrl: "http://backtrack-engine:8090",
  positionsStream: "nats://backtrack-nats:4222/positions",
};

/**
 * The environment of a group: that of its functions, merged, and what all self-hosted functions are told.
 * Secrets are not in it. Raises RangeError where two functions need one variable with different values.
 */
export const groupEnvironment = (
  { name: groupName, functions }: Pick<Group, "name" | "functions">,
  parts: SelfHostedParts = DEFAULT_PARTS,
): Record<string, string> => {
  const { settings = {} } = parts;
  const merged = commonEnvironment(parts);
  for (const definition of functions) {
    const own = environmentOf(definition, {
      access: parts.access ?? "keys",
      buckets: { recordings: parts.recordings ?? `${parts.engineUrl}/files` },
      streams: { positions: parts.positionsStream },
      tablePrefix: parts.tablePrefix ?? TABLE_PREFIX,
      settings,
      // What this machine's own environment says must not get into a file for another.
      variables: settings,
    });
    for (const [name, value] of Object.entries(own)) {
      const before = merged[name];
      if (before !== undefined && before !== value) {
        throw new RangeError(
          `group ${groupName}: ${definition.name} needs ${name}=${value}, and another function ${name}=${before}`,
        );
      }
      merged[name] = value;
    }
  }
  return merged;
};

const commonEnvironment = ({
  storeUrl,
  engineUrl,
  secretsFolder = DEFAULT_SECRETS_FOLDER,
}: SelfHostedParts): Record<string, string> => ({
  AWS_REGION: REGION,
  AWS_ACCOUNT_ID: ACCOUNT,
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_ENDPOINT_URL_DYNAMODB: storeUrl,
  AWS_ENDPOINT_URL_SFN: engineUrl,
  AWS_ENDPOINT_URL_SCHEDULER: engineUrl,
  POWERTOOLS_SERVICE_NAME: "backtrack",
  POWERTOOLS_LOG_LEVEL: "WARN",
  POWERTOOLS_METRICS_NAMESPACE: "backtrack",
  POWERTOOLS_METRICS_DISABLED: "true",
  POWERTOOLS_TRACE_ENABLED: "false",
  SECRETS_FOLDER: secretsFolder,
});
