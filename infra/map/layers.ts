import { resolve } from "node:path";
import { cruise, type ICruiseResult } from "dependency-cruiser";

const ROOT = resolve(import.meta.dirname, "../..");

/** What the folders of the code are for, those first that know least of the others. */
export const LAYERS: Readonly<Record<string, string>> = {
  "lib/core": "what Backtrack is: positions, segments, device state, replay; pure",
  "lib/formats": "file formats: readers and writers of positions",
  "lib/protocols": "what devices send and expect",
  "lib/resources": "the kinds of things that functions use: tables, streams, buckets",
  "lib/secrets": "secrets of self-hosted processes, from files",
  "lib/adapters": "DynamoDB, Kinesis, Step Functions and memory, behind the ports of core",
  "lib/runtime": "what every handler shares: HTTP, stream and task stacks, environment, errors",
  functions: "what runs: rooms of functions, each a definition and a handler",
  hosts: "builds Lambda's events from other sources: plain HTTP requests, records, files",
  engines: "what AWS does between functions: event source, workflows, schedules, inbox",
  "infra/engine": "the engines, put together from the manifest, for every home outside AWS",
  "infra/store": "the embedded store, and commands for every store",
  "infra/openfaas": "self-hosting: groups of functions, image, stack.yml, Kubernetes, faasd",
  "infra/local": "`npm start`: the emulators, and the wiring",
  "infra/aws": "the CDK app",
};

/** What each folder imports of the others; tests don't count. Takes some seconds. */
export const importsByLayer = async (): Promise<ReadonlyMap<string, readonly string[]>> => {
  const names = Object.keys(LAYERS);
  const layerOf = (path: string): string | undefined => names.find((name) => path.startsWith(`${name}/`));
  const { output } = await cruise(["lib", "functions", "hosts", "engines", "infra"], {
    baseDir: ROOT,
    parser: "swc",
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    includeOnly: { path: "^(lib|functions|hosts|engines|infra)/" },
    exclude: { path: "\\.test\\.ts$|/testing" },
  });
  const { modules } = output as ICruiseResult;
  const found = new Map<string, Set<string>>();
  for (const { source, dependencies } of modules) {
    const from = layerOf(source);
    if (!from) continue;
    const to = found.get(from) ?? new Set();
    found.set(from, to);
    for (const { resolved } of dependencies) {
      const layer = layerOf(resolved);
      if (layer && layer !== from) to.add(layer);
    }
  }
  return new Map(
    names.flatMap((name) => {
      const to = found.get(name);
      return to ? [[name, names.filter((each) => to.has(each))]] : [];
    }),
  );
};

/** The folders as a table in Markdown: what each is for, and what it imports. */
export const layersTable = (imports: ReadonlyMap<string, readonly string[]>): string[] => [
  "| folder | what it holds | imports |",
  "|---|---|---|",
  ...[...imports].map(
    ([name, to]) => `| \`${name}/\` | ${LAYERS[name]} | ${to.length > 0 ? to.join(", ") : "nothing"} |`,
  ),
];
