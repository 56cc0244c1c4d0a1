import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { Command, Option } from "commander";
import { build } from "esbuild";
import { GROUPS, type Group } from "../../functions/groups.ts";
import { folderOf } from "../../functions/manifest.ts";
import { BUNDLE_SETTINGS, type BundledStreams, onlyStreams, ROOT, STREAM_CHOICES } from "../bundle.ts";

/** Where groups go by default: `dist/openfaas/<group>/index.js`. */
export const GROUP_BUNDLES = join(ROOT, "dist", "openfaas");

export interface BundledGroup {
  readonly name: string;
  /** Absolute path of the one file that runs: `node index.js`. A source map lies beside it. */
  readonly file: string;
  readonly bytes: number;
}

export interface GroupBundleOptions {
  /** Default: GROUP_BUNDLES. */
  readonly outdir?: string;
  /** Names of groups; default: all. */
  readonly names?: readonly string[];
  /** The streams whose clients are in the bundles. Default: JetStream. */
  readonly streams?: BundledStreams;
}

/**
 * The program of a group, which no file of the project contains, because infra never imports a handler: it
 * loads them all before it listens.
 */
const entryOf = ({ functions }: Group): string => {
  const hosted = functions.map(({ name, memoryMegabytes, timeoutSeconds, routes = [] }) => {
    const data = {
      name,
      memoryMegabytes,
      timeoutSeconds,
      routes: routes.map(({ method, path }) => ({ method, path })),
    };
    return `{ ...${JSON.stringify(data)}, load: () => import("./${folderOf(name)}/handler.ts") },`;
  });
  return [
    'import { runHost } from "./hosts/openfaas/run-host.ts";',
    `void runHost([\n${hosted.join("\n")}\n]);`,
    "",
  ].join("\n");
};

/** Bundles each group with its host into one minified CommonJS file. Raises an Error for an unknown name. */
export const bundleGroups = async ({
  outdir = GROUP_BUNDLES,
  names = GROUPS.map(({ name }) => name),
  streams = "jetstream",
}: GroupBundleOptions = {}): Promise<BundledGroup[]> => {
  const groups = names.map((name) => {
    const group = GROUPS.find((each) => each.name === name);
    if (!group) throw new Error(`${name} is none of ${GROUPS.map((each) => each.name).join(", ")}`);
    return group;
  });
  return Promise.all(
    groups.map(async (group) => {
      const folder = join(outdir, group.name);
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, "package.json"), '{ "type": "commonjs" }\n');
      const file = join(folder, "index.js");
      const { metafile } = await build({
        ...BUNDLE_SETTINGS,
        stdin: { contents: entryOf(group), resolveDir: ROOT, sourcefile: `${group.name}.ts`, loader: "ts" },
        outfile: file,
        plugins: [onlyStreams(streams)],
      });
      await writeFile(join(folder, "metafile.json"), JSON.stringify(metafile));
      return { name: group.name, file, bytes: (await stat(file)).size };
    }),
  );
};

/** `node infra/openfaas/bundle.ts [--outdir DIR] [GROUP...]` */
const main = async (): Promise<void> => {
  const program = new Command("bundle:openfaas")
    .description("Bundles each group of functions with its host into one minified file.")
    .argument("[groups...]", "for example backtrack-stream (default: all)")
    .option("--outdir <dir>", "where to put <group>/index.js", GROUP_BUNDLES)
    .addOption(
      new Option("--streams <which>", "whose clients are in the bundles; all for a stream on AWS as well")
        .choices(STREAM_CHOICES)
        .default("jetstream"),
    )
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
    .parse();
  const { outdir, streams } = program.opts<{ outdir: string; streams: BundledStreams }>();
  const bundled = await bundleGroups({
    outdir: resolve(outdir),
    streams,
    ...(program.args.length > 0 && { names: program.args }),
  });
  for (const { file, bytes } of bundled) {
    console.log(`${(bytes / 1024).toFixed(0).padStart(6)} KB  ${relative(process.cwd(), file)}`);
  }
};

if (import.meta.main) {
  await main().catch((error: Error) => {
    console.error(`bundle: ${error.message}`);
    process.exitCode = 1;
  });
}
