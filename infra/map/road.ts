import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { folderOf, MANIFEST } from "../../functions/manifest.ts";
import type { ScheduleGroupName } from "../../lib/resources/schedule-group.ts";
import type { StreamName } from "../../lib/resources/stream.ts";
import type { WorkflowName } from "../../lib/resources/workflow.ts";
import {
  ACCESS_TABLES,
  type FunctionDefinition,
  functionArnPlaceholder,
} from "../../lib/runtime/definition.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** One thing that a request, a file or a schedule passes on its way, and what follows from it. */
export interface Step {
  /** For example `ingest/track-devices`, `stream positions`, `workflow replay`. */
  readonly name: string;
  /** Of a function the modules that its handler calls, of a workflow its file. */
  readonly detail?: string;
  readonly next: readonly Step[];
}

/** What starts a function, in the order in which people look for it. */
export const startsOf = ({
  routes = [],
  stream,
  schedule,
  bucket,
  taskOf = [],
}: FunctionDefinition): string[] => [
  ...routes.map(({ method, path }) => `${method} ${path}`),
  ...(stream ? [`stream ${stream.stream}`] : []),
  ...(schedule ? [`schedule of ${schedule}`] : []),
  ...(bucket ? [`file in ${bucket}`] : []),
  ...[taskOf].flat().map((workflow) => `workflow ${workflow}`),
];

/** `functions/ingest/track-devices` as `ingest/track-devices`. */
const nameOf = ({ name }: FunctionDefinition): string => folderOf(name).replace(/^functions\//, "");

/**
 * The tables that a function writes, without those that every request with a key writes: they are no step of
 * a road.
 */
export const writesOf = ({ tables = {} }: FunctionDefinition): string[] =>
  Object.entries(tables)
    .filter(([table, access]) => access !== "read" && !Object.hasOwn(ACCESS_TABLES, table))
    .map(([table]) => table);

/** What every module needs and no road passes. */
const PLUMBING = /^lib\/core\/(errors|clock|access\/.*|tenant\/.*)$/;

/** The modules of lib that a file calls functions of, as `lib/core/replay/play`. */
const calledBy = (path: string): string[] => {
  const text = readFileSync(join(ROOT, `${path}.ts`), "utf8");
  return [...text.matchAll(/^import (?!type )([^;]*?) from "(\.[^"]+)\.ts";/gms)]
    .filter(([, what]) => /[{,]\s*(?!type )[a-z]\w*/.test(what))
    .map(([, , module]) => join(dirname(path), module))
    .filter((module) => /^lib\/(core|protocols)\//.test(module) && !PLUMBING.test(module));
};

/** The groups of schedules that a function changes. */
export const schedulesOf = ({ schedules = {} }: FunctionDefinition): ScheduleGroupName[] =>
  (Object.keys(schedules) as ScheduleGroupName[]).filter((group) =>
    schedules[group]?.some((access) => access === "write" || access === "remove"),
  );

/** The modules of lib/core and lib/protocols that the handler calls. */
export const coreOf = ({ name }: FunctionDefinition): string[] =>
  [...new Set(calledBy(`${folderOf(name)}/handler`))].map((path) => path.replace(/^lib\//, ""));

/** The functions of a workflow, in the order of its file. */
export const tasksOf = (workflow: WorkflowName): FunctionDefinition[] => {
  const text = readFileSync(join(ROOT, "workflows", `${workflow}.asl.json`), "utf8");
  const placeholders = new Set([...text.matchAll(/\$\{(\w+)\}/g)].map(([, placeholder]) => placeholder));
  return [...placeholders].flatMap((placeholder) =>
    MANIFEST.filter(({ name }) => functionArnPlaceholder(name) === placeholder),
  );
};

/**
 * The road that begins with a function: what it calls, writes and starts, and so on. What was met before is
 * not opened again.
 */
const functionStep = (definition: FunctionDefinition, met: Set<string>): Step => {
  const core = coreOf(definition);
  const name = nameOf(definition);
  const detail = core.length > 0 ? core.join(", ") : undefined;
  if (met.has(name)) return { name, detail: "as above", next: [] };
  met.add(name);
  const writes = writesOf(definition);
  return {
    name,
    detail,
    next: [
      ...(writes.length > 0 ? [{ name: `tables ${writes.join(", ")}`, next: [] }] : []),
      ...(definition.publishesTo ?? []).map((stream) => streamStep(stream, met)),
      ...(definition.starts ?? []).map((workflow) => workflowStep(workflow, met)),
      ...schedulesOf(definition).map((group) => scheduleStep(group, met)),
    ],
  };
};

const streamStep = (stream: StreamName, met: Set<string>): Step => {
  const name = `stream ${stream}`;
  if (met.has(name)) return { name, detail: "as above", next: [] };
  met.add(name);
  const readers = MANIFEST.filter((definition) => definition.stream?.stream === stream);
  return { name, next: readers.map((reader) => functionStep(reader, met)) };
};

const scheduleStep = (group: ScheduleGroupName, met: Set<string>): Step => {
  const name = `schedule of ${group}`;
  if (met.has(name)) return { name, detail: "as above", next: [] };
  met.add(name);
  const started = MANIFEST.filter(({ schedule }) => schedule === group);
  return { name, next: started.map((definition) => functionStep(definition, met)) };
};

const workflowStep = (workflow: WorkflowName, met: Set<string>): Step => {
  const name = `workflow ${workflow}`;
  if (met.has(name)) return { name, detail: "as above", next: [] };
  met.add(name);
  const detail = `workflows/${workflow}.asl.json`;
  return { name, detail, next: tasksOf(workflow).map((task) => functionStep(task, met)) };
};

/** Where everything begins: every route, schedule, and bucket. */
export const beginnings = (): string[] =>
  MANIFEST.flatMap(startsOf).filter((start) => !/^(stream|workflow) /.test(start));

/** However path parameters are called. */
const unnamed = (start: string): string => start.replace(/\{\w+\}/g, "{}");

/**
 * The road from what starts a function, for example `POST /replays` or `file in recordings`. Raises
 * RangeError for any other text.
 */
export const roadOf = (start: string): Step => {
  const sought = unnamed(start);
  const first = MANIFEST.find((definition) => startsOf(definition).some((each) => unnamed(each) === sought));
  if (!first) throw new RangeError(`nothing starts with ${start}; choose one of: ${beginnings().join(", ")}`);
  return { name: start, next: [functionStep(first, new Set())] };
};

/** A road as lines of text, one a step. */
export const drawRoad = ({ name, detail, next }: Step, indent = ""): string[] => [
  `${indent}${name}${detail ? `   (${detail})` : ""}`,
  ...next.flatMap((step) => drawRoad(step, `${indent}  `)),
];
