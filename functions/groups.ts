import { type FunctionDefinition, workflowsOf } from "../lib/runtime/definition.ts";
import { MANIFEST, SELF_HOSTED } from "./manifest.ts";

/*
 * Outside AWS, several functions share one process: a group. Grouped is what starts in the same way and fails
 * in the same way, so that a long import holds up no position, and a record that kills its function stops no
 * request.
 */

/** Functions that run in one process, and are deployed and scaled together. */
export interface Group {
  /** What OpenFaaS calls it: a function of its own, an image of its own. */
  readonly name: string;
  /** What `{group}` stands for in an address. */
  readonly shortName: string;
  readonly description: string;
  /** Empty for a group that does something else than Backtrack's functions. */
  readonly functions: readonly FunctionDefinition[];
}

interface GroupRule {
  readonly shortName: string;
  readonly name?: string;
  readonly description: string;
  takes(definition: FunctionDefinition): boolean;
}

const importsFiles = (definition: FunctionDefinition): boolean => {
  const workflows = workflowsOf(definition);
  return definition.bucket !== undefined || (workflows.length === 1 && workflows[0] === "import-recording");
};

/** The first that takes a function has it. */
const RULES: readonly GroupRule[] = [
  {
    shortName: "http",
    // Its name is in the address of the whole API.
    name: "backtrack",
    description: "The whole HTTP API",
    takes: ({ routes = [], cron }) => routes.length > 0 && cron === undefined,
  },
  {
    shortName: "stream",
    description: "What the stream of positions feeds",
    takes: ({ stream }) => stream !== undefined,
  },
  {
    shortName: "play",
    description: "Replays that are playing; each holds a call for minutes, mostly asleep",
    takes: ({ name }) => name === "play-replay",
  },
  {
    shortName: "files",
    description: "Imports of files; each holds a call for up to 15 minutes, and reads all the time",
    takes: importsFiles,
  },
  {
    shortName: "tasks",
    description: "The other tasks of workflows, and what schedules start",
    takes: (definition) => definition.schedule !== undefined || workflowsOf(definition).length > 0,
  },
  {
    shortName: "sweep",
    description: "Deletes expired items, where the store does not do so itself",
    takes: ({ cron }) => cron !== undefined,
  },
];

/**
 * Every group, with the functions of the manifest divided among them. Raises RangeError for a function that
 * no group takes.
 */
export const groupsOf = (manifest: readonly FunctionDefinition[]): readonly Group[] => {
  const ruleOf = new Map(
    manifest.map((definition) => {
      const rule = RULES.find(({ takes }) => takes(definition));
      if (!rule) throw new RangeError(`function ${definition.name} belongs to no group`);
      return [definition, rule];
    }),
  );
  return RULES.map((rule) => ({
    name: rule.name ?? `backtrack-${rule.shortName}`,
    shortName: rule.shortName,
    description: rule.description,
    functions: manifest.filter((definition) => ruleOf.get(definition) === rule),
  }));
};

/** Every group of this project. */
export const GROUPS: readonly Group[] = groupsOf([...MANIFEST, ...SELF_HOSTED]);

const groupOfFunction = new Map(
  GROUPS.flatMap((group) => group.functions.map(({ name }) => [name, group] as const)),
);

/** The group in which a function runs. Raises RangeError if there is no such function. */
export const groupOf = (functionName: string): Group => {
  const group = groupOfFunction.get(functionName);
  if (!group) throw new RangeError(`no group has a function ${functionName}`);
  return group;
};
