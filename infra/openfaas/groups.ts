import { GROUPS, type Group } from "../../functions/groups.ts";

/** What a group's process needs of the machine, and what it may be asked at once. */
export interface GroupSize {
  readonly memoryRequestMebibytes: number;
  /** The process is killed beyond it. */
  readonly memoryLimitMebibytes: number;
  readonly cpuRequestMillicores: number;
  readonly cpuLimitMillicores: number;
  /** Calls that run at once; more are answered 503 at once, or wait in the engine. */
  readonly maximumInFlight: number;
}

/** A group as OpenFaaS, Knative and Kubernetes deploy it. */
export interface DeployedGroup extends Group, GroupSize {
  /** The longest that one of its functions may take. */
  readonly timeoutSeconds: number;
  /** Whether anybody but the engine has reason to call it. */
  readonly isPublic: boolean;
}

/**
 * Memory: a process with the largest bundle takes 110 MB at rest; the rest is for bodies of 10 MB and for
 * what is made of them.
 */
const SIZES: Readonly<Record<string, GroupSize>> = {
  http: {
    memoryRequestMebibytes: 192,
    memoryLimitMebibytes: 768,
    cpuRequestMillicores: 100,
    cpuLimitMillicores: 2_000,
    maximumInFlight: 64,
  },
  stream: {
    memoryRequestMebibytes: 128,
    memoryLimitMebibytes: 512,
    cpuRequestMillicores: 100,
    cpuLimitMillicores: 2_000,
    maximumInFlight: 16,
  },
  play: {
    memoryRequestMebibytes: 128,
    memoryLimitMebibytes: 512,
    cpuRequestMillicores: 50,
    cpuLimitMillicores: 1_000,
    maximumInFlight: 256,
  },
  files: {
    memoryRequestMebibytes: 128,
    memoryLimitMebibytes: 768,
    cpuRequestMillicores: 50,
    cpuLimitMillicores: 2_000,
    maximumInFlight: 8,
  },
  tasks: {
    memoryRequestMebibytes: 128,
    memoryLimitMebibytes: 512,
    cpuRequestMillicores: 50,
    cpuLimitMillicores: 1_000,
    maximumInFlight: 64,
  },
  sweep: {
    memoryRequestMebibytes: 64,
    memoryLimitMebibytes: 256,
    cpuRequestMillicores: 20,
    cpuLimitMillicores: 500,
    maximumInFlight: 2,
  },
};

/** How long a group may take that has no functions of the manifest. */
const OTHER_TIMEOUT_SECONDS = 300;

/** Every group, sized. Raises RangeError for a group without a size. */
export const DEPLOYED_GROUPS: readonly DeployedGroup[] = GROUPS.map((group) => {
  const size = SIZES[group.shortName];
  if (!size) throw new RangeError(`group ${group.name} has no size`);
  const timeouts = group.functions.map(({ timeoutSeconds }) => timeoutSeconds);
  return {
    ...group,
    ...size,
    timeoutSeconds: timeouts.length > 0 ? Math.max(...timeouts) : OTHER_TIMEOUT_SECONDS,
    isPublic: group.functions.some(({ routes = [], cron }) => routes.length > 0 && cron === undefined),
  };
});
