import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Document, visit } from "yaml";
import { LIMIT_NAMES, limitVariable } from "../../../lib/resources/limit.ts";
import { ACCESS_VARIABLE } from "../../../lib/runtime/definition.ts";
import { DEFAULT_PARTS, groupEnvironment } from "../environment.ts";
import { DEPLOYED_GROUPS, type DeployedGroup } from "../groups.ts";
import { SECRET_NAMES } from "../secrets/secrets.ts";
import type { StackRules } from "./check-stack.ts";
import { MAXIMUM_REPLICAS } from "./schema.ts";
import { callVariablesOf, GATEWAY_TIMEOUT_SECONDS } from "./timeouts.ts";

const ROOT = resolve(import.meta.dirname, "../../..");

/** From the root of the project; faas-cli reads it without being told. */
export const STACK_FILE = "stack.yml";

/** What stack.yml is held to. */
export const STACK_RULES: StackRules = {
  cronFunctions: DEPLOYED_GROUPS.filter(({ shortName }) => shortName === "sweep").map(({ name }) => name),
  gatewayTimeoutSeconds: GATEWAY_TIMEOUT_SECONDS,
};

const HEADER = `# Made from the manifest by \`npm run openfaas -- stack --write\`; a test fails when it is out of date.
#
#   npm ci && npm run bundle:openfaas && faas-cli up
#
# What stands in braces can be set in the environment; the value after :- is taken otherwise.
`;

/** The sweep takes its time alone; a second one beside it would only do the same work again. */
const replicasOf = ({ name }: DeployedGroup): Readonly<Record<string, string>> => ({
  "com.openfaas.scale.min": "1",
  "com.openfaas.scale.max": STACK_RULES.cronFunctions.includes(name) ? "1" : `${MAXIMUM_REPLICAS}`,
});

const orDefault = (variable: string, value: string): string => `\${${variable}:-${value}}`;

/** What lies outside the functions, by variables whose names a shell has for nothing else. */
const PARTS = {
  ...DEFAULT_PARTS,
  storeUrl: orDefault("BACKTRACK_STORE_URL", DEFAULT_PARTS.storeUrl),
  engineUrl: orDefault("BACKTRACK_ENGINE_URL", DEFAULT_PARTS.engineUrl),
  positionsStream: orDefault("BACKTRACK_STREAM_URL", DEFAULT_PARTS.positionsStream),
  // Where the inbox is a process of its own, it isn't the engine.
  recordings: orDefault("BACKTRACK_FILES_URL", `${DEFAULT_PARTS.engineUrl}/files`),
};

/** What a self-hoster may decide, by the names that it has everywhere. */
const SETTINGS: ReadonlySet<string> = new Set([ACCESS_VARIABLE, ...LIMIT_NAMES.map(limitVariable)]);

const environmentOf = (group: DeployedGroup): Record<string, string> => {
  const variables = Object.entries(groupEnvironment(group, PARTS)).map(([name, value]) => [
    name,
    SETTINGS.has(name) ? orDefault(name, value) : value,
  ]);
  return {
    ...Object.fromEntries(variables.toSorted(([one], [other]) => (one < other ? -1 : 1))),
    // For who calls the gateway itself. The proxy says that its API is at the root.
    ...(group.isPublic && { PUBLIC_PREFIX: `/function/${group.name}` }),
    ...callVariablesOf(group),
  };
};

const definitionOf = (group: DeployedGroup, version: string) => ({
  lang: "backtrack-node",
  handler: `./dist/openfaas/${group.name}`,
  image: `${orDefault("BACKTRACK_IMAGES", "localhost:5000")}/${group.name}:${orDefault("BACKTRACK_VERSION", version)}`,
  build_args: { SERVER: orDefault("BACKTRACK_SERVER", "node") },
  environment: environmentOf(group),
  // faasd and Kubernetes deploy no function whose secrets don't exist, needed or not.
  secrets: SECRET_NAMES,
  labels: { ...replicasOf(group), "app.kubernetes.io/part-of": "backtrack" },
  ...(STACK_RULES.cronFunctions.includes(group.name) && {
    annotations: { topic: "cron-function", schedule: orDefault("BACKTRACK_SWEEP_SCHEDULE", "*/10 * * * *") },
  }),
  limits: { memory: `${group.memoryLimitMebibytes}Mi`, cpu: `${group.cpuLimitMillicores}m` },
  requests: { memory: `${group.memoryRequestMebibytes}Mi`, cpu: `${group.cpuRequestMillicores}m` },
  readonly_root_filesystem: true,
});

/** The text of stack.yml. */
export const stackYaml = (groups: readonly DeployedGroup[] = DEPLOYED_GROUPS): string => {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
  const stack = {
    version: "1.0",
    provider: { name: "openfaas", gateway: orDefault("OPENFAAS_URL", "http://127.0.0.1:8080") },
    functions: Object.fromEntries(groups.map((group) => [group.name, definitionOf(group, version)])),
  };
  // YAML 1.1 is what faas-cli reads: it also takes yes, on and 012 for something else than text.
  const document = new Document(stack, { version: "1.1", aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_, node) => {
      // Whatever a variable stands for is put into the file before it is read.
      if (typeof node.value === "string" && node.value.includes("$")) node.type = "QUOTE_DOUBLE";
    },
  });
  return `${HEADER}${document.toString({ lineWidth: 0, directives: false })}`;
};
