import { stringify } from "yaml";
import { workflowsOf } from "../../../lib/runtime/definition.ts";
import { DEFAULT_SECRETS_FOLDER } from "../../../lib/secrets/secret-file.ts";
import { DEFAULT_PARTS, groupEnvironment, type SelfHostedParts } from "../environment.ts";
import { DEPLOYED_GROUPS, type DeployedGroup } from "../groups.ts";
import { SECRET_NAMES } from "../secrets/secrets.ts";
import { callVariablesOf } from "../stack/timeouts.ts";

/*
 * The functions as plain HTTP servers, for who may not or doesn't want to run OpenFaaS: for each group a
 * Deployment, its Service, and who may reach it. Kustomize adds what is alike in all pods, such as their
 * security context.
 */

/** From the root of the project; what is in it is made. */
export const FUNCTIONS_FOLDER = "infra/openfaas/kubernetes/functions";

/** In Kubernetes, the inbox is a process of its own: its volume is on one machine. */
const PARTS: SelfHostedParts = { ...DEFAULT_PARTS, recordings: "http://backtrack-inbox:8090/files" };

/** Where function images listen; OpenFaaS has it so, too. */
const FUNCTION_PORT = 8080;

/** Beyond the longest call, for the pod to be taken out of its Service first, and to answer. */
const DRAIN_SECONDS = 15;

const VARIABLES_NAME = "backtrack-functions";
const PART_OF = { "app.kubernetes.io/part-of": "backtrack" };

const nameOf = ({ shortName }: DeployedGroup): string => `backtrack-${shortName}`;
const selectorOf = (group: DeployedGroup) => ({ "app.kubernetes.io/name": nameOf(group) });
/** No `app.kubernetes.io/component`: what has one is no function; see core/network.yaml. */
const labelsOf = (group: DeployedGroup) => ({ ...selectorOf(group), ...PART_OF });
const metadataOf = (group: DeployedGroup) => ({ name: nameOf(group), labels: labelsOf(group) });

/** The variables that have the same value wherever they are: one place to change each. */
const sharedVariables = (environments: readonly Readonly<Record<string, string>>[]) => {
  const values = new Map<string, Set<string>>();
  for (const [name, value] of environments.flatMap((environment) => Object.entries(environment))) {
    values.set(name, (values.get(name) ?? new Set()).add(value));
  }
  const shared = [...values].filter(([, found]) => found.size === 1);
  return new Map(shared.map(([name, [value]]) => [name, value]).toSorted() as [string, string][]);
};

/** Of the others the work waits while a pod is replaced; of the API, somebody. */
const replicasOf = ({ isPublic }: DeployedGroup): number => (isPublic ? 2 : 1);

const probe = (path: string, periodSeconds: number, failureThreshold: number) => ({
  httpGet: { path, port: "http" },
  periodSeconds,
  timeoutSeconds: 5,
  failureThreshold,
});

const deploymentOf = (group: DeployedGroup, own: Readonly<Record<string, string>>) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { ...metadataOf(group), annotations: { description: group.description } },
  spec: {
    replicas: replicasOf(group),
    selector: { matchLabels: selectorOf(group) },
    strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: {
      metadata: { labels: labelsOf(group) },
      spec: {
        terminationGracePeriodSeconds: group.timeoutSeconds + DRAIN_SECONDS,
        containers: [
          {
            name: "function",
            image: group.name,
            envFrom: [{ configMapRef: { name: VARIABLES_NAME } }],
            ...(Object.keys(own).length > 0 && {
              env: Object.entries(own).map(([name, value]) => ({ name, value })),
            }),
            ports: [{ name: "http", containerPort: FUNCTION_PORT }],
            startupProbe: probe("/_/health", 1, 60),
            livenessProbe: probe("/_/health", 10, 3),
            readinessProbe: probe("/_/ready", 2, 2),
            resources: {
              requests: {
                cpu: `${group.cpuRequestMillicores}m`,
                memory: `${group.memoryRequestMebibytes}Mi`,
              },
              limits: { cpu: `${group.cpuLimitMillicores}m`, memory: `${group.memoryLimitMebibytes}Mi` },
            },
            volumeMounts: [
              { name: "secrets", mountPath: DEFAULT_SECRETS_FOLDER, readOnly: true },
              { name: "tmp", mountPath: "/tmp" },
            ],
          },
        ],
        volumes: [
          {
            name: "secrets",
            projected: { sources: SECRET_NAMES.map((name) => ({ secret: { name } })) },
          },
          { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
        ],
      },
    },
  },
});

const serviceOf = (group: DeployedGroup) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: metadataOf(group),
  spec: {
    selector: selectorOf(group),
    ports: [{ name: "http", port: FUNCTION_PORT, targetPort: "http" }],
  },
});

/** So that one answers while a machine is drained. */
const budgetOf = (group: DeployedGroup) => ({
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: metadataOf(group),
  spec: { minAvailable: 1, selector: { matchLabels: selectorOf(group) } },
});

/** Who has reason to call a group. */
const callersOf = ({ functions, isPublic }: DeployedGroup): string[] => [
  ...(isPublic ? ["proxy"] : []),
  ...(functions.some((each) => each.stream || each.schedule || workflowsOf(each).length > 0)
    ? ["engine"]
    : []),
  ...(functions.some(({ bucket }) => bucket) ? ["inbox"] : []),
  ...(functions.some(({ cron }) => cron) ? ["clock"] : []),
];

const policyOf = (group: DeployedGroup) => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: metadataOf(group),
  spec: {
    podSelector: { matchLabels: selectorOf(group) },
    policyTypes: ["Ingress"],
    ingress: [
      {
        from: callersOf(group).map((component) => ({
          podSelector: { matchLabels: { ...PART_OF, "app.kubernetes.io/component": component } },
        })),
        ports: [{ protocol: "TCP", port: FUNCTION_PORT }],
      },
    ],
  },
});

/** Calls a group by the clock, as cron-connector does beside OpenFaaS: a POST to its root, without a body. */
const clockOf = (group: DeployedGroup, schedule: string) => {
  const name = `${nameOf(group)}-clock`;
  const labels = { "app.kubernetes.io/name": name, ...PART_OF, "app.kubernetes.io/component": "clock" };
  const call = `const { ok, status } = await fetch("http://${nameOf(group)}:${FUNCTION_PORT}/", { method: "POST" }); if (!ok) throw new Error(\`answered \${status}\`);`;
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name, labels },
    spec: {
      schedule,
      timeZone: "Etc/UTC",
      concurrencyPolicy: "Forbid",
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 1,
      jobTemplate: {
        spec: {
          backoffLimit: 0,
          activeDeadlineSeconds: group.timeoutSeconds + DRAIN_SECONDS,
          template: {
            metadata: { labels },
            spec: {
              restartPolicy: "Never",
              containers: [
                {
                  name: "clock",
                  image: "backtrack-engine",
                  command: ["node", "--input-type=module", "--eval", call],
                  resources: { requests: { cpu: "10m", memory: "48Mi" }, limits: { memory: "128Mi" } },
                },
              ],
            },
          },
        },
      },
    },
  };
};

const HEADER =
  "# Made from the manifest by `npm run openfaas -- kubernetes --write`; a test fails when it is out of date.\n";

const text = (...documents: readonly object[]): string =>
  HEADER +
  documents
    .map((document) => stringify(document, { lineWidth: 0, aliasDuplicateObjects: false }))
    .join("---\n");

/** The files of FUNCTIONS_FOLDER, by their names. */
export const functionManifests = (
  groups: readonly DeployedGroup[] = DEPLOYED_GROUPS,
): ReadonlyMap<string, string> => {
  const environments = new Map(groups.map((group) => [group, groupEnvironment(group, PARTS)]));
  const shared = sharedVariables([...environments.values()]);
  const files = groups.map((group): [string, string] => {
    const others = Object.entries(environments.get(group) ?? {}).filter(([name]) => !shared.has(name));
    const own = { ...Object.fromEntries(others), ...callVariablesOf(group) };
    const documents = [
      deploymentOf(group, own),
      serviceOf(group),
      policyOf(group),
      ...(replicasOf(group) > 1 ? [budgetOf(group)] : []),
      ...group.functions.flatMap(({ cron }) => (cron ? [clockOf(group, cron)] : [])),
    ];
    return [`${group.shortName}.yaml`, text(...documents)];
  });
  const kustomization = {
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    resources: files.map(([name]) => name),
    configMapGenerator: [{ name: VARIABLES_NAME, envs: ["variables.env"] }],
  };
  return new Map([
    ...files,
    ["variables.env", HEADER + [...shared].map(([name, value]) => `${name}=${value}\n`).join("")],
    ["kustomization.yaml", text(kustomization)],
  ]);
};
